// SPDX-License-Identifier: Apache-2.0
#include "language/prefix_set.h"

#include <algorithm>

namespace outrider {

PrefixSet PrefixSet::whole(std::string_view text) {
  PrefixSet set(false);
  std::string key(text);
  key += '\0';
  set.entries_.push_back({std::move(key), true});
  return set;
}

PrefixSet PrefixSet::starting_with(std::string_view prefix) {
  if (prefix.empty()) return all();
  PrefixSet set(false);
  set.entries_.push_back({std::string(prefix), true});
  return set;
}

PrefixSet PrefixSet::whole_texts(const std::vector<std::string>& texts) {
  PrefixSet set(false);
  for (const std::string& text : texts) {
    set.entries_.push_back({text, true});
    set.entries_.back().key += '\0';
  }
  std::ranges::sort(set.entries_, {}, &Entry::key);
  const auto repeated = std::ranges::unique(set.entries_, {}, &Entry::key);
  set.entries_.erase(repeated.begin(), repeated.end());
  return set;
}

// Goes through the keys of both in their order, in which a key comes after all that it begins
// with, and keeps those on a stack.
template <typename Decide>
PrefixSet PrefixSet::combine(const PrefixSet& a, const PrefixSet& b, Decide decide) {
  struct Open {
    std::string_view key;
    bool in_a;
    bool in_b;
    bool belongs;
  };
  PrefixSet set(decide(a.entries_[0].belongs, b.entries_[0].belongs));
  std::vector<Open> open = {
      {"", a.entries_[0].belongs, b.entries_[0].belongs, set.entries_[0].belongs}};
  std::size_t i = 1;
  std::size_t j = 1;
  while (i < a.entries_.size() || j < b.entries_.size()) {
    const bool from_a =
        j >= b.entries_.size() || (i < a.entries_.size() && a.entries_[i].key <= b.entries_[j].key);
    const bool from_b =
        i >= a.entries_.size() || (j < b.entries_.size() && b.entries_[j].key <= a.entries_[i].key);
    const std::string& key = from_a ? a.entries_[i].key : b.entries_[j].key;
    while (!key.starts_with(open.back().key)) open.pop_back();
    const bool in_a = from_a ? a.entries_[i].belongs : open.back().in_a;
    const bool in_b = from_b ? b.entries_[j].belongs : open.back().in_b;
    const bool belongs = decide(in_a, in_b);
    if (belongs != open.back().belongs) set.entries_.push_back({key, belongs});
    open.push_back({key, in_a, in_b, belongs});
    if (from_a) ++i;
    if (from_b) ++j;
  }
  return set;
}

PrefixSet PrefixSet::united(const PrefixSet& other) const {
  return combine(*this, other, [](bool a, bool b) { return a || b; });
}

PrefixSet PrefixSet::intersected(const PrefixSet& other) const {
  return combine(*this, other, [](bool a, bool b) { return a && b; });
}

PrefixSet PrefixSet::complement() const {
  PrefixSet set = *this;
  for (Entry& entry : set.entries_) entry.belongs = !entry.belongs;
  return set;
}

bool PrefixSet::has(std::string_view text) const {
  std::string whole(text);
  whole += '\0';
  bool belongs = entries_[0].belongs;
  std::size_t longest = 0;
  for (const Entry& entry : entries_) {
    if (entry.key.size() < longest || !whole.starts_with(entry.key)) continue;
    longest = entry.key.size();
    belongs = entry.belongs;
  }
  return belongs;
}

}  // namespace outrider
