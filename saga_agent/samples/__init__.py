"""The sample story: an original novella, *The Hollow Crown*, and its story bible."""
