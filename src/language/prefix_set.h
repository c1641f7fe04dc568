// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace outrider {

// A set of texts that is told by how they begin: the longest entry that a text begins with says
// whether it belongs to the set. This is what a longest-prefix trie can answer.
//
// The end of a text counts as a byte of it, a NUL: an entry that ends with a NUL is for one whole
// text. Texts have no NULs of their own.
class PrefixSet {
 public:
  struct Entry {
    std::string key;
    bool belongs;
    bool operator==(const Entry&) const = default;
  };

  static PrefixSet none() { return PrefixSet(false); }
  static PrefixSet all() { return PrefixSet(true); }
  static PrefixSet whole(std::string_view text);
  static PrefixSet starting_with(std::string_view prefix);
  // All of these whole texts.
  static PrefixSet whole_texts(const std::vector<std::string>& texts);

  PrefixSet united(const PrefixSet& other) const;
  PrefixSet intersected(const PrefixSet& other) const;
  PrefixSet complement() const;

  bool has(std::string_view text) const;
  bool empty() const { return entries_.size() == 1 && !entries_[0].belongs; }
  bool full() const { return entries_.size() == 1 && entries_[0].belongs; }
  // Sorted by key. The first has the empty key; each differs from the longest other that it
  // begins with.
  const std::vector<Entry>& entries() const { return entries_; }
  bool operator==(const PrefixSet&) const = default;

 private:
  explicit PrefixSet(bool belongs) : entries_{{"", belongs}} {}
  template <typename Decide>
  static PrefixSet combine(const PrefixSet& a, const PrefixSet& b, Decide decide);

  std::vector<Entry> entries_;
};

}  // namespace outrider
