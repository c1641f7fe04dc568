// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "language/fields.h"
#include "support/choices.h"

namespace outrider::test {

// Makes conditions that load() takes with this catalog, of every operator, modifier and type, with
// values that random events (support/random_event.h) have, or nearly have. Keeps the catalog's
// address.
class RandomConditions {
 public:
  struct Options {
    int depth = 5;  // of and, or and not
    std::size_t atoms = 12;
  };

  explicit RandomConditions(const FieldCatalog& catalog) : RandomConditions(catalog, Options{}) {}
  RandomConditions(const FieldCatalog& catalog, const Options& options);

  std::string next(Choices& choices) const;

 private:
  friend class ConditionText;
  static constexpr std::size_t kClasses = 5;  // of ValueClass

  Options options_;
  const FieldCatalog* catalog_;
  std::vector<const Field*> fields_;  // those that matter most several times
  // By class of what a condition reads; fields of which any item may match are among the lists.
  std::array<std::vector<const Field*>, kClasses> by_class_;
};

}  // namespace outrider::test
