"""Moving a book in and out: bibles and manuscripts as the files other apps use."""
