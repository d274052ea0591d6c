// SPDX-License-Identifier: Apache-2.0
#include "tests/system/call_center.hpp"

#include <utility>

namespace pollux::test {

std::string program(const std::string& name) { return std::string(POLLUX_BINARY_DIR) + "/" + name; }

SampleApi::SampleApi(Words options) {
  Words argv{program("sample-api"), "--port", "0", "--fixed"};
  argv.insert(argv.end(), options.begin(), options.end());
  if (std::ranges::find(options, "--tls-cert") != options.end()) scheme_ = "https://";
  process_ = std::make_unique<Process>(Process::Options{std::move(argv), {}, {}});
  const std::string words = "listening on ";
  eventually([&] { return process_->out().ends_with("\n") || !process_->running(); });
  std::string out = process_->out();
  if (!out.starts_with(words)) throw std::runtime_error("sample-api did not start: " + process_->err());
  address_ = out.substr(words.size(), out.find('\n') - words.size());
}

net::HttpResponse SampleApi::control(const std::string& method, const std::string& path,
                                     std::string body) const {
  net::HttpRequest request;
  request.method = method;
  request.url = url() + path;
  request.body = std::move(body);
  return ask(std::move(request));
}

void SampleApi::fault(const json::value& rules) const {
  auto answer = control("PUT", "/_fault", json::serialize(rules));
  EXPECT_EQ(answer.status, 204) << answer.body;
}

void SampleApi::heal() const { EXPECT_EQ(control("DELETE", "/_fault", "").status, 204); }

Words SampleApi::faults() const {
  return json::value_to<Words>(parsed(get(url() + "/_fault").body).at("faults"));
}

void SampleApi::limit(const json::value& limits) const {
  auto answer = control("PUT", "/_limits", json::serialize(limits));
  EXPECT_EQ(answer.status, 204) << answer.body;
}

json::object SampleApi::limited() const { return parsed(get(url() + "/_limits").body).as_object(); }

json::object SampleApi::stats() const { return parsed(get(url() + "/_stats").body).as_object(); }

Daemon::Daemon(Process::Options options) : process_(std::make_unique<Process>(std::move(options))) {
  const std::string words = "\"console\":\"";
  if (!process_->wait_for_output(words)) {
    ADD_FAILURE() << "pollux run did not start: " << process_->out() << process_->err();
    return;
  }
  std::string out = process_->out();
  auto from = out.find(words) + words.size();
  url_ = out.substr(from, out.find('"', from) - from);
  if (url_.ends_with('/')) url_.pop_back();
}

net::HttpResponse Daemon::get(const std::string& path, net::Headers headers) const {
  return test::get(url_ + path, std::move(headers));
}

std::vector<json::object> log_lines(const std::string& out) {
  std::vector<json::object> lines;
  for (std::size_t from = 0; out.find('\n', from) != std::string::npos; from = out.find('\n', from) + 1) {
    std::string line = out.substr(from, out.find('\n', from) - from);
    boost::system::error_code error;
    json::value value = json::parse(line, error);
    EXPECT_TRUE(!error && value.is_object()) << "no line of a log: " << line;
    if (!error && value.is_object()) lines.push_back(value.get_object());
  }
  return lines;
}

std::vector<json::object> run_events(const std::string& out, const std::string& poll) {
  auto lines = log_lines(out);
  std::erase_if(lines, [&](const json::object& line) {
    return text_of(line, "event") != "run" || (!poll.empty() && text_of(line, "poll") != poll);
  });
  return lines;
}

json::object run_event(const std::string& out, const std::string& poll) {
  auto events = run_events(out, poll);
  EXPECT_EQ(events.size(), 1U) << out;
  return events.size() == 1 ? events.front() : json::object();
}

std::string text_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

json::value parsed(const std::string& text) {
  boost::system::error_code error;
  json::value value = json::parse(text, error);
  EXPECT_FALSE(error) << error.message() << ": " << text;
  return error ? json::value() : value;
}

void CallCenter::SetUp() {
  const std::filesystem::path example = std::filesystem::path(POLLUX_SOURCE_DIR) / "examples/wait-times";
  for (const char* file : {"pollux.yaml", "wait-times.schema.json"}) {
    dir_.write(file, read_text(example / file));
  }
  // One attempt is enough to see what a fault does, and quicker.
  replace("retry: { attempts: 3, backoff: 500ms..5s }", "retry: { attempts: 1 }");
  variables_ = {{"CALL_CENTER_API", api_.url()},
                {"CALL_CENTER_LOGIN", api_.url()},
                {"LISTEN", "127.0.0.1:0"},
                {"POLL_EVERY", "1h"}};
}

void CallCenter::replace(const std::string& what, const std::string& with) {
  std::string yaml = read_text(dir_ / "pollux.yaml");
  auto at = yaml.find(what);
  ASSERT_NE(at, std::string::npos) << what;
  write(yaml.replace(at, what.size(), with));
}

Process::Options CallCenter::options(Words words) const {
  words.insert(words.begin(), program("pollux"));
  return {std::move(words), variables_, dir_.path()};
}

Finished CallCenter::pollux(Words words) const { return run_program(options(std::move(words))); }

Finished CallCenter::once(Words words) const {
  words.insert(words.begin(), "once");
  return pollux(std::move(words));
}

std::unique_ptr<Daemon> CallCenter::run(Words words) const {
  words.insert(words.begin(), "run");
  return std::make_unique<Daemon>(options(std::move(words)));
}

json::object CallCenter::status(const std::string& poll) const {
  json::value value = parsed(read_text(dir_ / kStatus));
  const json::value* found = value.is_object() ? value.at("polls").as_object().if_contains(poll) : nullptr;
  EXPECT_NE(found, nullptr) << "no " << poll << " in " << json::serialize(value);
  return found != nullptr ? found->as_object() : json::object();
}

}  // namespace pollux::test
