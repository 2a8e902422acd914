import Foundation

/// Numbers as people read them in tables.
public enum Figures {
  /// `28,804`.
  public static func grouped(_ number: Int) -> String {
    let digits = String(number.magnitude)
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { text += "," }
      text.append(digit)
    }
    return number < 0 ? "-\(text)" : text
  }

  /// `2.66 M`, with three significant digits.
  public static func scaled(_ number: Int) -> String {
    let units = ["", " k", " M", " G", " T"]
    var value = Double(number)
    var unit = 0
    while value.magnitude >= 999.5, unit < units.count - 1 {
      value /= 1000
      unit += 1
    }
    return unit == 0 ? String(number) : significant(value) + units[unit]
  }

  /// `27.3 KiB`.
  public static func bytes(_ number: Int) -> String {
    let units = ["B", "KiB", "MiB", "GiB"]
    var value = Double(number)
    var unit = 0
    while value >= 1023.5, unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    return unit == 0 ? "\(number) B" : "\(significant(value)) \(units[unit])"
  }

  /// `27.3K`: kibibytes and so on, for narrow columns.
  public static func shortBytes(_ number: Int) -> String {
    let text = bytes(number).split(separator: " ")
    return text[1] == "B" ? String(text[0]) : "\(text[0])\(text[1].prefix(1))"
  }

  /// `27.3 µJ`, or in millijoules.
  public static func energy(microjoules: Double) -> String {
    microjoules < 999.5
      ? "\(significant(microjoules)) µJ" : "\(significant(microjoules / 1000)) mJ"
  }

  /// `31.7 %`.
  public static func percent(_ fraction: Double) -> String {
    String(format: "%.1f %%", fraction * 100)
  }

  private static func significant(_ value: Double) -> String {
    let size = value.magnitude
    return String(format: size < 9.995 ? "%.2f" : size < 99.95 ? "%.1f" : "%.0f", value)
  }
}
