/// For how long each memory's port was busy, up to any moment.
struct PortActivity {
  private let portCount: Int
  /// The moments at which something changed.
  private var times = [0.0]
  /// Up to each of these moments, the busy cycles of each port.
  private var busy: [Double]

  init(count: Int) {
    portCount = count
    busy = Array(repeating: 0, count: count)
  }

  /// Notes that from the last moment until `time` each port had so many users.
  mutating func record(_ users: [Int], until time: Double) {
    guard let last = times.last, time > last else { return }
    times.append(time)
    for port in 0..<portCount {
      busy.append(busy[busy.count - portCount] + (users[port] > 0 ? time - last : 0))
    }
  }

  /// The busy cycles of the port that was busiest between two moments.
  func busiestCycles(from start: Double, to end: Double) -> Double {
    (0..<portCount).map { cycles($0, until: end) - cycles($0, until: start) }.max() ?? 0
  }

  /// Between two recorded moments a port is busy all the time, or none of it.
  private func cycles(_ port: Int, until time: Double) -> Double {
    var (low, high) = (0, times.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if times[middle] <= time { low = middle } else { high = middle }
    }
    let before = busy[low * portCount + port]
    guard low + 1 < times.count else { return before }
    let share = (time - times[low]) / (times[low + 1] - times[low])
    return before + share * (busy[(low + 1) * portCount + port] - before)
  }
}
