/// The few shapes of SVG that charts are made of.
///
/// Marks that stand for a layer carry its index as `data-l`, by which the page's script finds them.
enum SVG {
  /// A chart that keeps its proportions.
  ///
  /// - Parameter label: what a screen reader says in place of the drawing.
  static func chart(
    width: Double, height: Double, label: String, kind: String, _ shapes: [HTMLText]
  ) -> HTMLText {
    """
    <svg class="chart \(kind)" viewBox="0 0 \(.number(width)) \(.number(height))" role="img" \
    aria-label="\(label)">\(shapes)</svg>
    """
  }

  /// A strip that fills the width there is. It holds no text, which would be stretched.
  ///
  /// - Parameter kind: `time` for strips that zoom together, or `steps` for one column a layer.
  static func strip(
    width: Double, height: Double, label: String, kind: String, _ shapes: [HTMLText]
  ) -> HTMLText {
    """
    <svg class="strip \(kind)" viewBox="0 0 \(.number(width)) \(.number(height))" \
    preserveAspectRatio="none" style="height:\(.number(height))px" role="img" \
    aria-label="\(label)">\(shapes)</svg>
    """
  }

  /// A path, of a layer if one is given.
  static func path(_ kind: String?, _ steps: [PathStep], layer: Int? = nil) -> HTMLText {
    let style: HTMLText = kind.map { " class=\"\($0)\"" } ?? ""
    return "<path\(style)\(mark(layer)) d=\"\(.path(steps))\"/>"
  }

  /// A line from one point to another.
  static func line(_ kind: String, _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double)
    -> HTMLText
  {
    path(kind, [.move(x1, y1), .line(x2, y2)])
  }

  /// A disc, of a layer if one is given.
  static func circle(
    _ kind: String, x: Double, y: Double, radius: Double, layer: Int? = nil
  ) -> HTMLText {
    """
    <circle class="\(kind)"\(mark(layer)) cx="\(.number(x))" cy="\(.number(y))" \
    r="\(.number(radius))"/>
    """
  }

  /// A label.
  ///
  /// - Parameter anchor: which end of the text is at `x`: `start`, `middle` or `end`.
  static func text(
    _ kind: String, x: Double, y: Double, anchor: String = "start", _ text: String
  ) -> HTMLText {
    """
    <text class="\(kind)" x="\(.number(x))" y="\(.number(y))" \
    text-anchor="\(anchor)">\(text)</text>
    """
  }

  private static func mark(_ layer: Int?) -> HTMLText {
    layer.map { " data-l=\"\($0)\"" } ?? ""
  }

  /// A number without needless zeros; nil for what is no finite number.
  static func decimal(_ value: Double?, places: Int) -> String? {
    var digits = ByteText()
    guard let value, digits.append(value, places: places) else { return nil }
    return digits.text
  }
}

/// A step of a path, in absolute coordinates.
enum PathStep {
  /// Goes to a point without drawing.
  case move(Double, Double)
  /// Draws a line to a point.
  case line(Double, Double)
  /// Draws a curve to the point that comes last, by way of two others.
  case curve(Double, Double, Double, Double, Double, Double)
  /// A box with its corner, width and height.
  case box(Double, Double, Double, Double)
  /// Goes back to where the path began.
  case close

  /// Appends the step as it stands in a path's data.
  func write(to data: inout ByteText) {
    switch self {
    case .move(let x, let y): Self.write("M", x, y, to: &data)
    case .line(let x, let y): Self.write("L", x, y, to: &data)
    case .curve(let x1, let y1, let x2, let y2, let x, let y):
      Self.write("C", x1, y1, to: &data)
      Self.write(" ", x2, y2, to: &data)
      Self.write(" ", x, y, to: &data)
    case .box(let x, let y, let width, let height):
      Self.write("M", x, y, to: &data)
      Self.write("h", width, to: &data)
      Self.write("v", height, to: &data)
      Self.write("H", x, to: &data)
      data.append("z")
    case .close: data.append("z")
    }
  }

  private static func write(
    _ command: StaticString, _ x: Double, _ y: Double, to data: inout ByteText
  ) {
    write(command, x, to: &data)
    write(" ", y, to: &data)
  }

  private static func write(_ command: StaticString, _ number: Double, to data: inout ByteText) {
    data.append(command)
    if !data.append(number, places: 2) { data.append("0") }
  }
}
