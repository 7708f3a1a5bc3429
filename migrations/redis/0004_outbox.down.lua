return empty("known_devices", "outbox")
