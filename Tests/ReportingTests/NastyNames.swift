/// Names as strangers may give them to tensors: none may do harm in any report.
enum NastyNames {
  /// Each once, and no two equal.
  static let all = markup + quotes + lines + directions + sizes + unusual + controls

  private static let markup = [
    "<script>alert(1)</script>", "</script><script>alert(1)//",
    "</title><img src=x onerror=alert(1)>",
    "<!-- -->", "]]><b>", "&lt;b&gt; & &amp;", "a|b||c", "`code` ``more``",
    "[link](javascript:alert(1))",
    "![image](//example.invalid/x.png)", "@everyone #1 *bold* _under_ ~~gone~~",
    "www.example.invalid",
    "| a | b |\n|---|---|", "</details>", "{{ 7 * 7 }} ${7} $(id) %0A::error::x", "=SUM(A1:A9)",
    "=cmd|' /C calc'!A0", "+1+1", "-1-1", "@SUM(1)", "＝1+1",
  ]
  private static let quotes = [
    #"a"b"#, "a'b", #"a\b"#, #"ends in \"#, #"\" onload="x"#, #"",1,2"#, #"\u0041\x41\n"#, "a,b",
    "a,\u{301}b\"\u{301}", "';--",
  ]
  private static let lines = [
    "two\nlines", "two\rlines", "two\r\nlines", "two\u{2028}lines", "two\u{2029}lines",
    "two\u{85}lines",
    "\n", "\tindented", "trailing ", " leading", " ",
  ]
  private static let directions = [
    "abc\u{202e}fed", "\u{2066}isolate", "\u{200f}mark\u{200e}", "\u{061c}arabic mark", "שלום/עולם",
    "مرحبا",
  ]
  private static let sizes = [
    String(repeating: "x", count: 10_000), String(repeating: "scope/", count: 2_000) + "end",
    String(repeating: "層", count: 3_000), String(repeating: "👩‍👩‍👧‍👦", count: 500),
    "e" + String(repeating: "\u{301}", count: 5_000), "a;b;c", "a/b/c", ";", "/", "//;//", "37",
  ]
  /// What looks like halves of surrogate pairs, noncharacters, and the like.
  private static let unusual = [
    #"\ud800"#, #"\udfff\ud83d"#, "\u{fffd}", "\u{fffe}\u{ffff}", "\u{10ffff}", "\u{feff}marked",
    "😀 emoji 🇩🇪 1️⃣", "zero\u{200b}width\u{2060}", "\u{301}combining first", "\u{e0041}\u{e007f}tags",
    "\u{0}", "a\u{0}b", "\u{7f}", "\u{9b}31m", "\u{1b}[2J\u{1b}]0;title\u{7}",
  ]
  private static let controls = (1..<0x20).map { "c\(Character(Unicode.Scalar(UInt8($0))))c" }
}
