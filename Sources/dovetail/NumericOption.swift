import ArgumentParser

/// Checks of options that take a number: `nan`, `inf` and the like are numbers to whoever only parses.
enum NumericOption {
  /// - Throws: a usage error unless the number is finite, and no less than `least`.
  static func check(_ number: Double?, _ option: String, atLeast least: Double? = nil) throws {
    guard let number else { return }
    guard number.isFinite, number >= least ?? number else {
      let range = least.map { $0 == 0 ? "a number from 0 up" : "a number from \($0) up" }
      throw ValidationError("`\(option)` takes \(range ?? "a finite number"), not `\(number)`")
    }
  }
}
