# relay_embed(out.cpp FUNCTION name FILES a b ...): files as string constants in the binary.
# The generated function has the signature: std::span<const relay::EmbeddedFile> name();
