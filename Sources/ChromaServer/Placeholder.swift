enum ChromaServerPlaceholder {}
