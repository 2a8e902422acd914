import Operators
import Support
import Testing

struct WindowTests {
  /// Every small case, against counting the places where a window fits.
  @Test func arithmeticAgreesWithCounting() throws {
    let paddings: [Padding] = [
      .valid, .same, .explicit(top: 0, left: 0, bottom: 1, right: 1),
      .explicit(top: 2, left: 2, bottom: 0, right: 0),
    ]
    for extent in 1...8 {
      for kernel in 1...4 {
        for stride in 1...3 {
          for dilation in 1...2 {
            for padding in paddings { try compare(extent, kernel, stride, dilation, padding) }
          }
        }
      }
    }
  }

  private func compare(
    _ extent: Int, _ kernel: Int, _ stride: Int, _ dilation: Int, _ padding: Padding
  ) throws {
    let pads = pads(extent, kernel, stride, dilation, padding)
    let expected = starts(extent, kernel, stride, dilation, before: pads.before, after: pads.after)
    let window = try? Window(
      over: [extent, extent], kernel: [kernel, kernel], stride: [stride, stride],
      dilation: [dilation, dilation], padding: padding, kind: "test")
    #expect(window?.output.height ?? 0 == expected)
    #expect(window?.output.width ?? 0 == expected)
    if let window {
      #expect(window.padBefore == Spatial(height: pads.before, width: pads.before))
    }
  }

  /// How many places there are, by trying each.
  private func starts(
    _ extent: Int, _ kernel: Int, _ stride: Int, _ dilation: Int, before: Int, after: Int
  ) -> Int {
    let last = (kernel - 1) * dilation
    return (-before..<extent + after).filter {
      ($0 + before) % stride == 0 && $0 + last < extent + after
    }.count
  }

  /// For `same`, the fewest rows of padding for which there is one place for each stride, by trying each.
  private func pads(
    _ extent: Int, _ kernel: Int, _ stride: Int, _ dilation: Int, _ padding: Padding
  ) -> (before: Int, after: Int) {
    switch padding {
    case .valid: return (0, 0)
    case .explicit(let top, _, let bottom, _): return (top, bottom)
    case .same:
      let wanted = (0..<extent).filter { $0 % stride == 0 }.count
      let total = (0...20).first {
        starts(extent, kernel, stride, dilation, before: $0 / 2, after: $0 - $0 / 2) >= wanted
      }!  // a large enough padding always suffices
      return (total / 2, total - total / 2)
    }
  }

  static let refused: [([Int], [Int], [Int])] = [
    ([0, 1], [1, 1], [1, 1]), ([1, 1], [0, 1], [1, 1]), ([1, 1], [1, 1], [-1, 1]),
    ([1], [1, 1], [1, 1]), ([1, 1], [1, 1, 1], [1, 1]), ([1, 1 << 40], [1, 1], [1, 1]),
    ([1 << 20, 1], [1, 1], [1 << 20, 1]),
  ]

  @Test(arguments: 0..<refused.count, [Padding.same, .valid])
  func impossibleWindowsAreRefused(_ number: Int, padding: Padding) {
    let (kernel, stride, dilation) = Self.refused[number]
    #expect(throws: Diagnostic.self) {
      try Window(
        over: [8, 8], kernel: kernel, stride: stride, dilation: dilation, padding: padding,
        kind: "t")
    }
  }
}
