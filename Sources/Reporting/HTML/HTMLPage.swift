import Foundation
import Support

/// One page of HTML that needs nothing else, whatever it is about: a bar with links to its sections, and what it shows.
struct HTMLPage {
  let title: String
  /// Beside the style sheet of all pages.
  let style: HTMLText
  let sections: [PageSection]
  /// The section that a link at the very top leads to, past what one has seen already; nil for none.
  let main: PageSection?
  /// By which one finds the very files that the figures are of.
  let footer: HTMLText
  /// Behind all sections: what stands over the page, and data for the script.
  var attachments: HTMLText = ""
  /// Beside the script of all pages.
  let script: HTMLText

  var markup: HTMLText {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta http-equiv="Content-Security-Policy" content="\(policy)">
    <title>\(title)</title>
    <style>
    \(PageStyle.text)
    \(style)
    </style>
    </head>
    <body>
    \(bar)
    <main>
    \(.lines(sections.map(\.markup)))
    <footer class="note">\(footer)</footer>
    </main>
    \(attachments)
    <script>\(wholeScript)</script>
    </body>
    </html>

    """
  }

  private var bar: HTMLText {
    let links: [HTMLText] = sections.map { "<a href=\"#\($0.id)\">\($0.title)</a>" }
    let skip: HTMLText =
      main.map { "<a class=\"skip\" href=\"#\($0.id)\">Skip to \($0.title)</a>\n" } ?? ""
    return """
      <header class="bar">
      \(skip)<strong title="\(title)">\(title)</strong>
      <nav aria-label="Sections">\(links)</nav>
      <button type="button" id="theme" class="quiet control" \
      aria-label="Switch between light and dark">Dark</button>
      </header>
      """
  }

  private var wholeScript: HTMLText { "\(CommonScript.text)\(script)" }

  /// Nothing is loaded from anywhere, and no script runs but that of this page, known by its digest.
  private var policy: String {
    let digest = Array(wholeScript.markup.utf8).withUnsafeBytes(SHA256.hexDigest)
    return "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
      + "script-src 'sha256-\(Self.base64(digest))'"
  }

  private static func base64(_ hexadecimal: String) -> String {
    let digits = Array(hexadecimal)
    let bytes = stride(from: 0, to: digits.count, by: 2).map {
      UInt8(String(digits[$0...$0 + 1]), radix: 16) ?? 0
    }
    return Data(bytes).base64EncodedString()
  }
}

/// A part of the page that the bar at the top leads to.
struct PageSection {
  let id: String
  let title: String
  let body: HTMLText

  var markup: HTMLText {
    """
    <section id="\(id)" aria-labelledby="\(id)-title">
    <h2 id="\(id)-title">\(title)</h2>
    \(body)
    </section>
    """
  }
}
