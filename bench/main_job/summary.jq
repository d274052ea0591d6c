# What a page would want of it: the longest wait, sums by medium, and the busy queues by name.
def minutes: (. / 60 * 10 | floor) / 10;
{
  updated: $fetched_at,
  source: .organization.name,
  longest: (.queues | max_by(.waitSeconds) | {queue: .name, minutes: (.waitSeconds | minutes)}),
  waiting: (reduce .queues[] as $q ({}; .[$q.medium] += $q.waiting)),
  busy: [.queues[] | select(.waiting > 5) | {name, minutes: (.waitSeconds | minutes), agents: .agents.available}]
}
