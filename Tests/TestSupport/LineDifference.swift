/// The lines in which two texts differ: `-` for those only in the first, `+` for those only in the second.
public func lineDifference(_ expected: String, _ found: String) -> String {
  let (old, new) = (lines(expected), lines(found))
  let difference = new.difference(from: old)
  let removed = Set(difference.removals.map(offset))
  let inserted = Set(difference.insertions.map(offset))
  var text: [String] = []
  var (i, j) = (0, 0)
  while i < old.count || j < new.count {
    if removed.contains(i) {
      text.append("- \(old[i])")
      i += 1
    } else if inserted.contains(j) {
      text.append("+ \(new[j])")
      j += 1
    } else {
      text.append("  \(old[i])")
      (i, j) = (i + 1, j + 1)
    }
  }
  return text.joined(separator: "\n")
}

private func lines(_ text: String) -> [Substring] {
  text.split(separator: "\n", omittingEmptySubsequences: false)
}

private func offset(_ change: CollectionDifference<Substring>.Change) -> Int {
  switch change {
  case .insert(let offset, _, _), .remove(let offset, _, _): offset
  }
}
