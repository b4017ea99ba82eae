/// A test of one record: the `where` and `where_document` languages of Chroma as one tree.
///
/// Its meaning is ``matches(metadata:document:)``; everything faster is tested against that.
public indirect enum Where: Sendable, Hashable {
  /// Of no operands: everything.
  case and([Where])
  /// Of no operands: nothing.
  case or([Where])
  case metadata(key: String, Comparison)
  case document(DocumentTest)
}

/// A single value a metadata field is compared with.
public enum Scalar: Sendable, Hashable {
  case bool(Bool)
  case int(Int64)
  case float(Double)
  case string(String)
}

/// One operator on one metadata key.
///
/// Whole numbers and fractions are one domain and compare exactly; bools, strings and arrays are domains of their own.
public enum Comparison: Sendable, Hashable {
  case equal(Scalar)
  /// The complement of `equal`: also records without the key, or with a value of another type.
  case notEqual(Scalar)
  case ordered(Order, Scalar)
  case `in`([Scalar])
  /// The complement of `in`.
  case notIn([Scalar])
  /// The field is an array of the scalar's own type and holds it (here 1 and 1.0 differ).
  case contains(Scalar)
  /// The complement of `contains`.
  case notContains(Scalar)

  public enum Order: Sendable, Hashable { case less, lessOrEqual, greater, greaterOrEqual }
}

/// One operator on a record's document.
public enum DocumentTest: Sendable, Hashable {
  /// A case-sensitive literal; the empty one is in every document.
  case contains(String)
  /// The complement of `contains`: also records without a document.
  case notContains(String)
  case matches(RegularExpression)
  /// The complement of `matches`.
  case doesNotMatch(RegularExpression)
}
