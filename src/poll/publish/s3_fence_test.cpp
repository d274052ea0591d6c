// SPDX-License-Identifier: Apache-2.0
// Writing only where nobody else has: what the S3 store sends, and what it makes of the answers.
#include "poll/publish/s3_store_test.hpp"

namespace pollux::publish {
namespace {

class S3Fence : public S3StoreTest {
 protected:
  Result<void> put(Fence& fence) {
    auto to = store();
    return test::run_task(io_, to.put_fenced({"a.json", "{}", "", ""}, fence));
  }
  static HttpResponse stored(const std::string& etag) { return {200, {{"ETag", etag}}, ""}; }
};

TEST_F(S3Fence, is_if_none_match_where_nothing_was_and_if_match_where_something_was) {
  Fence fence;
  client_.answers = {stored("\"e1\""), stored("\"e2\"")};
  ASSERT_TRUE(put(fence));
  EXPECT_EQ(header(client_.seen[0], "If-None-Match"), "*");
  EXPECT_EQ(header(client_.seen[0], "If-Match"), "");
  EXPECT_EQ(fence.version, "e1");
  ASSERT_TRUE(put(fence));
  EXPECT_EQ(header(client_.seen[1], "If-None-Match"), "");
  EXPECT_EQ(header(client_.seen[1], "If-Match"), "e1") << "without quotes: one server takes no others";
  EXPECT_EQ(fence.version, "e2");
}

TEST_F(S3Fence, is_what_was_read) {
  Fence fence{"old"};
  client_.answers = {HttpResponse{200, {{"ETag", "\"e7\""}}, "{}"}, refusal(404, "NoSuchKey"),
                     HttpResponse{200, {}, "{}"}};
  auto from = store();
  ASSERT_TRUE(test::run_task(io_, from.get_fenced("a.json", fence)));
  EXPECT_EQ(fence.version, "e7");
  ASSERT_TRUE(test::run_task(io_, from.get_fenced("a.json", fence)));
  EXPECT_EQ(fence.version, "");
  EXPECT_FALSE(test::run_task(io_, from.get_fenced("a.json", fence))) << "no version, no fence";
}

TEST_F(S3Fence, is_lost_where_another_writer_was_there_first) {
  for (const auto& [answer, words] : {std::pair{refusal(412, "PreconditionFailed"), "412 PreconditionFailed"},
                                      std::pair{refusal(404, "NoSuchKey"), "404 NoSuchKey"}}) {
    Fence fence{"e1"};
    client_.seen.clear();
    client_.answers = {answer};
    auto done = put(fence);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, ErrorKind::kFenced);
    EXPECT_EQ(done.error().retry, Retry::never());
    EXPECT_EQ(done.error().message,
              std::string("s3 bucket pub at s3.example.gov: PUT a.json: lost the fence: another writer was "
                          "there first (") +
                  words + ")");
    EXPECT_EQ(client_.seen.size(), 1U);
    EXPECT_EQ(fence.version, "e1");
  }
}

TEST_F(S3Fence, is_tried_again_where_two_write_at_once) {
  Fence fence;
  client_.answers = {refusal(409, "ConditionalRequestConflict"), stored("\"e1\"")};
  ASSERT_TRUE(put(fence));
  client_.answers = {refusal(409, "ConditionalRequestConflict"), refusal(409, "ConditionalRequestConflict"),
                     refusal(409, "ConditionalRequestConflict"), refusal(409, "ConditionalRequestConflict")};
  auto done = put(fence);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::kFenced);
}

TEST_F(S3Fence, is_not_lost_to_ones_own_write_whose_answer_was_lost) {
  Fence fence;
  std::string mark;
  client_.answers = {fail(ErrorKind::kNetwork, "reset", Retry::later()), refusal(412, "PreconditionFailed")};
  client_.on_send = [&](const HttpRequest& request) {
    if (auto sent = header(request, "X-Amz-Meta-Pollux-Mark"); !sent.empty()) mark = sent;
    if (request.method == "HEAD")
      client_.answers = {HttpResponse{200, {{"x-amz-meta-pollux-mark", mark}, {"ETag", "\"mine\""}}, ""}};
  };
  ASSERT_TRUE(put(fence));
  EXPECT_EQ(client_.seen.size(), 3U);
  EXPECT_EQ(fence.version, "mine");
}

TEST_F(S3Fence, is_lost_to_anothers_write_after_ones_own_answer_was_lost) {
  Fence fence;
  client_.answers = {refusal(500, "InternalError"), refusal(412, "PreconditionFailed"),
                     HttpResponse{200, {{"x-amz-meta-pollux-mark", "anothers"}, {"ETag", "\"x\""}}, ""}};
  auto done = put(fence);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::kFenced);
  EXPECT_EQ(client_.seen.size(), 3U);
}

TEST_F(S3Fence, is_no_fence_where_none_is_asked_for) {
  client_.answers = {refusal(412, "PreconditionFailed")};
  auto to = store();
  auto done = test::run_task(io_, to.put({"a.json", "{}", "", ""}));
  EXPECT_EQ(done.error().kind, ErrorKind::kStorage);
  EXPECT_EQ(header(client_.seen.at(0), "X-Amz-Meta-Pollux-Mark"), "");
  EXPECT_EQ(header(client_.seen.at(0), "If-None-Match"), "");
}

}  // namespace
}  // namespace pollux::publish
