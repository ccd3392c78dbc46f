"""Who calls: Supabase tokens, guests on trial, service keys."""
