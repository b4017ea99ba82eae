enum ChromaModelPlaceholder {}
