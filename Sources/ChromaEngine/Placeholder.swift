enum ChromaEnginePlaceholder {}
