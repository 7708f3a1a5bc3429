return empty("model_prices", "node_offsets")
