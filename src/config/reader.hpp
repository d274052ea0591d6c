#pragma once
// SPDX-License-Identifier: Apache-2.0
// What all shapes share while one file is read: where they are in it, the faults so far, the secrets so far,
// and the meaning of ${...}. No secret gets into a fault: values in a credential's place are never shown, and
// all texts are redacted at the end. Lives for one load; not thread-safe.

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "config/each_item.hpp"
#include "config/item_faults.hpp"
#include "config/load.hpp"
#include "config/variables.hpp"
#include "config/yaml_source.hpp"

namespace pollux::config {

/// What kind of place a text stands in.
enum class Place {
  kOrdinary,
  kSecret,   // a credential's place: never shown, always told to the redactor
  kHidden,   // the same, but whoever reads it tells the redactor what of it is secret
  kAddress,  // not shown with an @ in it: a password may be there by mistake
  kPublic,   // the public will read it: a secret there is a fault
};

/// A name in the file that must be the name of something else in the file.
struct Reference {
  enum class To { kUpstream, kStore };
  To to = To::kUpstream;
  std::string name;
  Mark at;
  std::string path;
};

/// ${step:NAME} in the request that is being read.
struct StepUse {
  std::string step;
  Mark at;
  std::string path;
};

/// ${cursor} in the poll that is being read.
struct CursorUse {
  Mark at;
  std::string path;
};

class Reader {
 public:
  Reader(const Environment& environment, const std::filesystem::path& file, std::string_view text)
      : environment_(environment),
        file_(file),
        directory_(file.parent_path()),
        text_(text),
        variables_(environment_, directory_) {}
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  /// While it lives, faults are below `key`.
  class Below {
   public:
    Below(Reader& reader, std::string_view key) : reader_(reader), length_(reader.path_.size()) {
      if (length_ > 0 && !key.starts_with('[')) reader.path_ += '.';
      reader.path_ += key;
    }
    ~Below() { reader_.path_.resize(length_); }
    Below(const Below&) = delete;
    Below& operator=(const Below&) = delete;

   private:
    Reader& reader_;
    std::size_t length_;
  };

  /// While it lives, `${each:...}` has the values of this item, and faults belong to the poll `name` that is
  /// made of it. Both must outlive it.
  class ForItem {
   public:
    ForItem(Reader& reader, const EachItem& item, std::string_view name) : reader_(reader) {
      reader_.item_ = &item;
      reader_.item_name_ = name;
    }
    ~ForItem() { reader_.item_ = nullptr; }
    ForItem(const ForItem&) = delete;
    ForItem& operator=(const ForItem&) = delete;

   private:
    Reader& reader_;
  };
  /// nullptr outside of a poll with for_each.
  const EachItem* item() const { return item_; }

  void fault(Mark at, std::string found, std::string expected, std::string mend = "");
  void fault_at(const std::string& path, Mark at, std::string found, std::string expected,
                std::string mend = "");
  /// The node is of the wrong kind: says what it is instead.
  void wrong_kind(const Node& node, const std::string& expected, Place place = Place::kOrdinary);
  void warn(Mark at, std::string found, std::string expected, std::string mend = "");

  /// A scalar with its variables filled in; nullopt after a fault.
  std::optional<std::string> text(const Node& node, const std::string& expected,
                                  Place place = Place::kOrdinary);
  /// A scalar for a run to complete. In a path, the values of a for_each are parts of it: what would end the
  /// path or leave it is encoded or refused.
  std::optional<Template> as_template(const Node& node, bool in_path = false);
  /// What a scalar that is nothing but one `${each:...}` stands for, whatever its kind; else nullptr.
  NodePtr whole_value(const Node& node) const;

  /// The text, in memory once for all who ask for it while the file is read.
  SharedText shared(std::string text);

  /// What stands at the node, to be shown in a fault.
  static std::string show(const Node& node, Place place = Place::kOrdinary);
  void learn_secret(const std::string& value, Mark at);
  std::size_t secret_count() const { return secrets_.size(); }
  std::size_t fault_count() const { return faults_.size(); }
  /// Why that file cannot be read; nullopt: it can. Asked once for each file.
  const std::optional<std::string>& why_unreadable(const std::filesystem::path& path);

  const Environment& environment() const { return environment_; }
  const std::filesystem::path& file() const { return file_; }
  const std::filesystem::path& directory() const { return directory_; }
  std::string_view source() const { return text_; }
  const std::string& path() const { return path_; }

  std::vector<Reference> references;
  std::vector<StepUse> step_uses;
  std::vector<CursorUse> cursor_uses;

  /// At the end: faults and warnings in the order of the file, with all secrets hidden; secrets without
  /// repetition.
  std::vector<Fault> take_faults();
  std::vector<Fault> take_warnings();
  std::vector<Secret> take_secrets();

 private:
  std::optional<std::string> fill(const Node& node, const std::vector<Piece>& pieces, Place place);
  std::optional<std::string> value_of(const Node& node, const VariableRef& ref, Place place);
  std::expected<VariableValue, PieceFault> each_value(const VariableRef& ref) const;
  std::optional<std::string> path_value(const Node& node, const VariableRef& ref);
  std::vector<Fault> finished(std::vector<Fault>& faults) const;

  const Environment& environment_;
  const std::filesystem::path& file_;
  std::filesystem::path directory_;
  std::string_view text_;
  Variables variables_;
  std::string path_;
  std::vector<Fault> faults_;
  std::vector<Fault> warnings_;
  std::vector<Secret> secrets_;
  const EachItem* item_ = nullptr;
  std::string_view item_name_;
  ItemFaults item_faults_;
  std::map<std::filesystem::path, std::optional<std::string>> read_;
  std::unordered_map<std::string_view, SharedText> shared_;
};

}  // namespace pollux::config
