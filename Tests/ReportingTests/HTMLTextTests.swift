import Reporting
import Testing

struct HTMLTextTests {
  @Test func textIsEscapedAndMarkupIsNot() {
    let name = "<a href='x'>\"&`"
    let cell: HTMLText = "<td>\(name)</td>"
    #expect(cell.markup == "<td>&lt;a href=&#39;x&#39;&gt;&quot;&amp;&#96;</td>")
    let row: HTMLText = "<tr>\(cell)\([cell, cell])\(3)</tr>"
    #expect(row.markup == "<tr>\(cell.markup)\(cell.markup)\(cell.markup)3</tr>")
  }

  @Test(arguments: ["\u{0}", "\u{9}", "\u{7f}", "\u{85}", "\u{202e}", "\u{2066}", "\u{ffff}"])
  func whatCannotBeSeenIsReplaced(text: String) {
    let html: HTMLText = "\(text)"
    #expect(html.markup == "\u{fffd}")
  }

  @Test func otherScriptsStay() {
    let html: HTMLText = "\("名前 😀 é")"
    #expect(html.markup == "名前 😀 é")
  }
}
