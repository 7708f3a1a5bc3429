return empty("provider_objects")
