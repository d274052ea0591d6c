# What a page would want of it: the busy queues, with their waits in minutes.
def minutes: . / 6 | floor / 10;
{
  updated: $fetched_at,
  source: .organization.name,
  busy: [.queues[] | select(.waiting > 5) | {name, minutes: (.waitSeconds | minutes), agents: .agents.available}]
}
