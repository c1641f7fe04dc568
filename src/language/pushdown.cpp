// SPDX-License-Identifier: Apache-2.0
#include "language/pushdown.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "bpf/kernel/decide.h"
#include "events/value.h"
#include "language/evaluator.h"
#include "language/matchers.h"

namespace outrider {

namespace {

using Decided = AtomPlan::Decided;

// For which events something may be true, and for which it may be false.
struct Test {
  Clauses may_be_true;
  Clauses may_be_false;
  // No event whose values the kernel knows is in both.
  bool exact = false;
};

// The numbers that are `op` this one, as the kernel orders them.
NumberSet numbers_that_are(Operator op, Number number, bool is_signed) {
  // Beyond all that there are, or among them.
  const bool below = !is_signed && number.negative;
  const bool above = is_signed && !number.negative && number.bits >> 63 != 0;
  const std::uint64_t key =
      is_signed ? decide__signed(static_cast<wire_s64>(number.bits)) : number.bits;
  NumberSet same =
      below || above ? NumberSet::none() : NumberSet::of({{.first = key, .last = key}});
  NumberSet less = NumberSet::none();
  if (above) {
    less = NumberSet::all();
  } else if (!below && key > 0) {
    less = NumberSet::of({{.first = 0, .last = key - 1}});
  }
  switch (op) {
    case Operator::kNotEqual:
      return same.complement();
    case Operator::kLess:
      return less;
    case Operator::kLessOrEqual:
      return less.united(same);
    case Operator::kGreater:
      return less.united(same).complement();
    case Operator::kGreaterOrEqual:
      return less.complement();
    default:
      return same;
  }
}

// The texts that a literal may stand for, by their starts and by their ends.
struct Texts {
  std::optional<PrefixSet> prefix;
  std::optional<PrefixSet> suffix;
  bool exact = true;  // one of them says it all
};

class TextTest {
 public:
  explicit TextTest(const KernelValue& value)
      : how_(value.how),
        has_ends_(value.dimension != FILTER_COMM),
        longest_(value.dimension == FILTER_COMM ? FILTER_NAME_MAX : FILTER_PREFIX_MAX) {}

  // Nothing if any text may do either.
  std::optional<Texts> texts(Operator op, const std::string& wanted) const {
    // No text has a NUL.
    if (wanted.find('\0') != std::string::npos) return std::nullopt;
    if (how_ == KernelValue::How::kDirectory) return directory(op, wanted);
    if (how_ == KernelValue::How::kFileName) return file_name(op, wanted);
    switch (op) {
      case Operator::kEqual:
      case Operator::kNotEqual:
      case Operator::kIn:
      case Operator::kIntersects:
        return whole(wanted);
      case Operator::kStartsWith:
      case Operator::kBStartsWith:
        return start(wanted);
      case Operator::kEndsWith:
        return end(wanted);
      case Operator::kGlob:
        return glob(wanted);
      case Operator::kPMatch:
        return how_ == KernelValue::How::kPath ? beneath(wanted) : std::nullopt;
      default:
        return std::nullopt;
    }
  }

 private:
  Texts whole(const std::string& wanted) const {
    if (wanted.size() >= longest_) return start(wanted, /*exact=*/false);
    return {.prefix = PrefixSet::whole(wanted), .suffix = {}};
  }

  Texts start(const std::string& wanted, bool exact = true) const {
    return {.prefix = PrefixSet::starting_with(wanted.substr(0, longest_)),
            .suffix = {},
            .exact = exact && wanted.size() <= longest_};
  }

  std::optional<Texts> end(std::string wanted) const {
    if (!has_ends_) return std::nullopt;
    std::ranges::reverse(wanted);
    const bool exact = wanted.size() <= FILTER_SUFFIX_MAX;
    return Texts{.prefix = {},
                 .suffix = PrefixSet::starting_with(wanted.substr(0, FILTER_SUFFIX_MAX)),
                 .exact = exact};
  }

  std::optional<Texts> glob(const std::string& pattern) const {
    const std::size_t special = pattern.find_first_of("*?[\\");
    if (special == std::string::npos) return whole(pattern);
    Texts made{.prefix = {}, .suffix = {}, .exact = false};
    if (special != 0) made = start(pattern.substr(0, special), /*exact=*/false);
    if (pattern.find_first_of("?[\\") == std::string::npos) {
      const std::size_t last = pattern.rfind('*');
      const std::string rest = pattern.substr(last + 1);
      const bool only_stars = pattern.find_first_not_of('*', special) > last;
      if (!rest.empty()) {
        if (auto ends = end(rest)) {
          made.suffix = std::move(ends->suffix);
          made.exact = ends->exact && special == 0 && only_stars;
        }
      } else if (only_stars) {
        made = start(pattern.substr(0, special));
      }
    }
    if (!made.prefix && !made.suffix) return std::nullopt;
    return made;
  }

  // What is right in a directory, or further below it: more than is asked for.
  std::optional<Texts> directory(Operator op, const std::string& wanted) const {
    switch (op) {
      case Operator::kEqual:
      case Operator::kIn:
      case Operator::kIntersects:
        if (!wanted.starts_with('/')) return start("/", /*exact=*/false);
        return start(wanted.ends_with('/') ? wanted : wanted + '/', /*exact=*/false);
      case Operator::kStartsWith:
        return start(wanted, /*exact=*/false);
      default:
        return std::nullopt;
    }
  }

  std::optional<Texts> file_name(Operator op, const std::string& wanted) const {
    std::optional<Texts> made;
    switch (op) {
      case Operator::kEqual:
      case Operator::kIn:
      case Operator::kIntersects:
        made = end('/' + wanted);
        break;
      case Operator::kEndsWith:
        made = end(wanted);
        break;
      default:
        break;
    }
    if (made) made->exact = false;
    return made;
  }

  // What lies beneath a path or is it.
  std::optional<Texts> beneath(const std::string& wanted) const {
    // All that the kernel looks at are absolute; of the others there are some that begin with
    // nothing ("(unreachable)/a").
    if (!wanted.starts_with('/')) return std::nullopt;
    std::string path;
    std::string_view rest = wanted;
    while (!rest.empty()) {
      rest.remove_prefix(std::min(rest.find_first_not_of('/'), rest.size()));
      const std::string_view component = rest.substr(0, rest.find('/'));
      if (component.empty()) break;
      if (component.find_first_of("*?[\\") != std::string_view::npos) {
        return start(path + '/', /*exact=*/false);
      }
      path += '/';
      path += component;
      rest.remove_prefix(component.size());
    }
    if (path.empty()) return start("/");
    if (path.size() >= longest_) return start(path, /*exact=*/false);
    Texts made = whole(path);
    made.prefix = made.prefix->united(PrefixSet::starting_with(path + '/'));
    return made;
  }

  KernelValue::How how_;
  bool has_ends_;
  std::size_t longest_;
};

// What the agent judges, and tells the kernel of whom.
struct Told {
  KernelValue::How how;
  DimensionKind whom;
  std::string_view from;
};
constexpr Told kTold[] = {
    {KernelValue::How::kProcess, DimensionKind::kProcess,
     "what the agent tells of each process it has seen"},
    {KernelValue::How::kWorkload, DimensionKind::kWorkload, "what the agent tells of each cgroup"}};

class Pusher {
 public:
  Pusher(const Condition& condition, std::size_t cap) : condition_(condition), cap_(cap) {}

  PushedCondition whole(std::span<const std::uint16_t> kinds) {
    pushed_.certain = true;
    pushed_.atoms.resize(condition_.atoms.size());
    // Kinds that know the same fields in the same way have the same clauses.
    std::map<std::vector<const void*>, std::vector<std::uint16_t>> alike;
    for (const std::uint16_t kind : kinds) alike[signature_of(kind)].push_back(kind);
    for (const auto& [signature, group] : alike) {
      kind_ = group[0];
      kinds_.reset();
      for (const std::uint16_t kind : group) kinds_.set(kind);
      tests_.clear();
      for (std::size_t i = 0; i < condition_.atoms.size(); ++i) {
        tests_.push_back(test(condition_.atoms[i], i));
      }
      note(pushed_.clauses.unite(node(condition_.root, /*want=*/true), cap_));
    }
    return std::move(pushed_);
  }

 private:
  std::vector<const void*> signature_of(std::uint16_t kind) const {
    std::vector<const void*> signature;
    for (const Atom& atom : condition_.atoms) {
      const Term& left = condition_.terms[atom.left];
      if (left.kind != TermKind::kField) continue;
      signature.push_back(left.field->by_kind[kind] == nullptr ? nullptr : left.field);
      signature.push_back(left.field->in_kernel[kind]);
    }
    return signature;
  }

  void note(bool widened) {
    if (!widened) return;
    pushed_.widened = true;
    pushed_.certain = false;
  }

  // The events for which a node may be what is wanted.
  Clauses node(std::uint32_t index, bool want) {
    const Node& at = condition_.nodes[index];
    if (at.kind == NodeKind::kNot) return node(at.children[0], !want);
    if (at.kind == NodeKind::kComparison) {
      const Test& test = tests_[at.leaf];
      return want ? test.may_be_true : test.may_be_false;
    }
    const bool all = (at.kind == NodeKind::kAnd) == want;
    Clauses clauses = all ? Clauses::all(kinds_) : Clauses::none();
    for (const std::uint32_t child : at.children) {
      const Clauses part = node(child, want);
      note(all ? clauses.intersect(part, cap_) : clauses.unite(part, cap_));
    }
    return clauses;
  }

  // ---- Atoms

  Test test(const Atom& atom, std::size_t index) {
    AtomPlan plan{.kinds = kinds_, .decided = Decided::kNot, .how = {}};
    Test made = test(atom, plan);
    if (plan.decided != Decided::kMissing && plan.decided != Decided::kNot) {
      plan.decided = made.exact ? Decided::kExactly : Decided::kPartly;
    }
    if (!made.exact) pushed_.certain = false;
    pushed_.atoms[index].push_back(plan);
    return made;
  }

  Test either() const {
    return {.may_be_true = Clauses::all(kinds_), .may_be_false = Clauses::all(kinds_)};
  }

  Test always() const {
    return {.may_be_true = Clauses::all(kinds_), .may_be_false = Clauses::none(), .exact = true};
  }
  Test never() const {
    return {.may_be_true = Clauses::none(), .may_be_false = Clauses::all(kinds_), .exact = true};
  }

  // Whether the agent judges it, once for each process (or workload).
  bool is_told_of(KernelValue::How whom, const Term& term) const {
    if (term.kind == TermKind::kField) {
      const KernelValue* value = term.field->in_kernel[kind_];
      return value != nullptr && value->how == whom;
    }
    return std::ranges::all_of(term.operands, [this, whom](std::uint32_t operand) {
      return is_told_of(whom, condition_.terms[operand]);
    });
  }

  Clauses told_test(DimensionKind whom, const Atom& atom, bool holds) const {
    const auto index = static_cast<std::uint32_t>(&atom - condition_.atoms.data());
    return of({whom, 0}, ToldTests{{.condition = &condition_, .atom = index, .holds = holds}},
              /*missing=*/true);
  }

  Test test(const Atom& atom, AtomPlan& plan) {
    const Term& left = condition_.terms[atom.left];
    for (const Told& told : kTold) {
      if (!is_told_of(told.how, left) ||
          (atom.right != kNoIndex && !is_told_of(told.how, condition_.terms[atom.right]))) {
        continue;
      }
      // Never certain: of one that has just begun the kernel has not been told.
      plan.decided = Decided::kPartly;
      plan.how = told.from;
      return {.may_be_true = told_test(told.whom, atom, true),
              .may_be_false = told_test(told.whom, atom, false)};
    }
    if (left.kind != TermKind::kField) {
      plan.how = "the kernel has no transformers";
      return either();
    }
    if (left.field->by_kind[kind_] == nullptr) {
      plan.decided = Decided::kMissing;
      return never();
    }
    const KernelValue* value = left.field->in_kernel[kind_];
    if (value == nullptr || left.argument.given) {
      plan.how = "only the agent knows this field";
      return either();
    }
    if (atom.right != kNoIndex) {
      plan.how = "the kernel does not compare two fields";
      return either();
    }
    if (value->how == KernelValue::How::kAncestors && atom.as == ComparedAs::kNumber) {
      // Who was none of them does not become one; who was may be none any more.
      plan.decided = Decided::kPartly;
      plan.how = value->from;
      return {.may_be_true = told_test(DimensionKind::kProcess, atom, true),
              .may_be_false = Clauses::all(kinds_)};
    }
    plan.decided = Decided::kExactly;
    plan.how = value->from;
    if (value->how == KernelValue::How::kConstant) {
      return judge_value(atom, left.type, Value::of_text(value->constant)) ? always() : never();
    }
    if (atom.as == ComparedAs::kExistence) return existence(*value);
    switch (value->how) {
      case KernelValue::How::kNumber:
      case KernelValue::How::kSignedNumber:
        if (atom.as == ComparedAs::kNumber) return number(atom, *value);
        break;
      case KernelValue::How::kNamedNumber:
        return named_number(atom, left.type, *value);
      case KernelValue::How::kText:
      case KernelValue::How::kPath:
      case KernelValue::How::kDirectory:
      case KernelValue::How::kFileName:
        return text(atom, *value, plan);
      case KernelValue::How::kFlags:
        if (atom.as == ComparedAs::kFlags) return flags(atom, *value, plan);
        break;
      case KernelValue::How::kTruth:
        return truth(atom, left.type, *value);
      case KernelValue::How::kDescriptor:
        if (atom.as == ComparedAs::kNumber) return descriptor(atom, *value);
        break;
      case KernelValue::How::kConstant:
      case KernelValue::How::kProcess:
      case KernelValue::How::kAncestors:
      case KernelValue::How::kWorkload:
        break;
    }
    plan.decided = Decided::kNot;
    plan.how = "the kernel does not know this operator";
    return either();
  }

  Clauses of(Dimension dimension, decltype(Constraint::wanted) wanted, bool missing) const {
    return Clauses::of(kinds_,
                       {.dimension = dimension, .wanted = std::move(wanted), .missing = missing});
  }

  // What holds for each of these, by the modifier: `exact` as in Test.
  Test joined(const Atom& atom, std::vector<Test> parts) {
    Test made;
    made.exact = std::ranges::all_of(parts, &Test::exact);
    const bool all = atom.modifier == Modifier::kAllOf;
    made.may_be_true = all && !parts.empty() ? Clauses::all(kinds_) : Clauses::none();
    made.may_be_false = all && !parts.empty() ? Clauses::none() : Clauses::all(kinds_);
    for (const Test& part : parts) {
      if (all) {
        note(made.may_be_true.intersect(part.may_be_true, cap_));
        note(made.may_be_false.unite(part.may_be_false, cap_));
      } else {
        note(made.may_be_true.unite(part.may_be_true, cap_));
        note(made.may_be_false.intersect(part.may_be_false, cap_));
      }
    }
    if (atom.modifier == Modifier::kOneOf && parts.size() > 1) {
      made.may_be_false = Clauses::all(kinds_);
      made.exact = false;
    }
    return made;
  }

  // A set of values for which it is true; for all others, and without a value, it is false.
  template <typename Set>
  Test by_set(Dimension dimension, const Set& set) const {
    return {.may_be_true = of(dimension, set, false),
            .may_be_false = of(dimension, set.complement(), true),
            .exact = true};
  }

  Test existence(const KernelValue& value) const {
    switch (value.how) {
      case KernelValue::How::kNumber:
      case KernelValue::How::kSignedNumber:
      case KernelValue::How::kNamedNumber:
        return by_set({DimensionKind::kNumber, value.dimension}, NumberSet::all());
      case KernelValue::How::kText:
      case KernelValue::How::kPath:
        return by_set({DimensionKind::kPrefix, value.dimension}, PrefixSet::all());
      case KernelValue::How::kFlags:
        return {.may_be_true = of({DimensionKind::kFlags, 0}, FlagTests{}, false),
                .may_be_false = either().may_be_false};
      case KernelValue::How::kDirectory:
      case KernelValue::How::kFileName:
      case KernelValue::How::kTruth:
      case KernelValue::How::kDescriptor:
      case KernelValue::How::kConstant:
      case KernelValue::How::kProcess:
      case KernelValue::How::kAncestors:
      case KernelValue::How::kWorkload:
        break;
    }
    return either();
  }

  Test number(const Atom& atom, const KernelValue& value) {
    const Dimension dimension{DimensionKind::kNumber, value.dimension};
    const bool is_signed = value.how == KernelValue::How::kSignedNumber;
    if (atom.op == Operator::kIn || atom.op == Operator::kIntersects) {
      std::vector<NumberSet::Interval> intervals;
      for (const Literal& literal : atom.literals) {
        const NumberSet one = numbers_that_are(Operator::kEqual, literal.number, is_signed);
        intervals.insert(intervals.end(), one.intervals().begin(), one.intervals().end());
      }
      return by_set(dimension, NumberSet::of(std::move(intervals)));
    }
    std::vector<Test> parts;
    for (const Literal& literal : atom.literals) {
      parts.push_back(by_set(dimension, numbers_that_are(atom.op, literal.number, is_signed)));
    }
    return joined(atom, std::move(parts));
  }

  Test named_number(const Atom& atom, FieldType type, const KernelValue& value) const {
    const Dimension dimension{DimensionKind::kNumber, value.dimension};
    std::vector<NumberSet::Interval> matching;
    std::vector<NumberSet::Interval> named;
    for (const NamedRange& range : value.names) {
      named.push_back({range.first, range.last});
      if (judge_value(atom, type, Value::of_text(range.name))) matching.push_back(named.back());
    }
    const NumberSet yes = NumberSet::of(std::move(matching));
    const NumberSet any = NumberSet::of(std::move(named)).complement();
    return {.may_be_true = of(dimension, yes.united(any), false),
            .may_be_false = of(dimension, yes.complement(), true),
            .exact = any.empty()};
  }

  Test text(const Atom& atom, const KernelValue& value, AtomPlan& plan) {
    const Dimension prefixes{DimensionKind::kPrefix, value.dimension};
    const Dimension suffixes{DimensionKind::kSuffix, value.dimension};
    const TextTest text_test(value);
    const bool is_part =
        value.how == KernelValue::How::kDirectory || value.how == KernelValue::How::kFileName;
    const bool membership = atom.op == Operator::kIn || atom.op == Operator::kIntersects;
    if (is_part && membership) return part_of_path(atom, text_test, prefixes, suffixes);
    const std::size_t longest =
        value.dimension == FILTER_COMM ? FILTER_NAME_MAX : FILTER_PREFIX_MAX;
    if (membership && !is_part &&
        std::ranges::all_of(atom.texts.texts(), [&](const std::string& wanted) {
          return wanted.size() < longest && wanted.find('\0') == std::string::npos;
        })) {
      return by_set(prefixes, PrefixSet::whole_texts(atom.texts.texts()));
    }
    std::vector<Test> parts;
    bool any = false;
    for (const Literal& literal : atom.literals) {
      const bool is_given = value.dimension == FILTER_PATH || value.dimension == FILTER_RAW_PATH;
      if (is_given && climbs(atom.op, literal.prepared)) {
        parts.push_back(only_odd_paths());
        any = true;
        continue;
      }
      const auto texts = text_test.texts(atom.op, literal.prepared);
      if (!texts) {
        parts.push_back(either());
        continue;
      }
      any = true;
      Test part;
      part.exact = texts->exact;
      part.may_be_true = Clauses::all(kinds_);
      part.may_be_false = Clauses::all(kinds_);
      if (texts->prefix) {
        note(part.may_be_true.intersect(of(prefixes, *texts->prefix, false), cap_));
        if (texts->exact) part.may_be_false = of(prefixes, texts->prefix->complement(), true);
      }
      if (texts->suffix) {
        note(part.may_be_true.intersect(of(suffixes, *texts->suffix, false), cap_));
        if (texts->exact) part.may_be_false = of(suffixes, texts->suffix->complement(), true);
      }
      if (atom.op == Operator::kNotEqual) {
        part.may_be_true = texts->exact ? of(prefixes, texts->prefix->complement(), false)
                                        : of(prefixes, PrefixSet::all(), false);
        part.may_be_false = of(prefixes, *texts->prefix, true);
      }
      parts.push_back(std::move(part));
    }
    if (!any && !atom.literals.empty()) {
      plan.decided = Decided::kNot;
      plan.how = "the kernel does not know this operator";
    }
    return joined(atom, std::move(parts));
  }

  // One of several directories or names: their paths together.
  Test part_of_path(const Atom& atom, const TextTest& text_test, Dimension prefixes,
                    Dimension suffixes) const {
    std::optional<PrefixSet> starts;
    std::optional<PrefixSet> ends;
    for (const std::string& wanted : atom.texts.texts()) {
      auto texts = text_test.texts(atom.op, wanted);
      if (!texts) return either();
      if (texts->prefix) starts = starts ? starts->united(*texts->prefix) : *texts->prefix;
      if (texts->suffix) ends = ends ? ends->united(*texts->suffix) : *texts->suffix;
    }
    Test made = either();
    if (starts) made.may_be_true = of(prefixes, *starts, false);
    if (ends) made.may_be_true = of(suffixes, *ends, false);
    return made;
  }

  // Whether only a text with "../" in it can do.
  static bool climbs(Operator op, std::string_view wanted) {
    if (op != Operator::kContains && op != Operator::kGlob) return false;
    return wanted.find("../") != std::string_view::npos &&
           (op == Operator::kContains || wanted.find_first_of("[\\") == std::string_view::npos);
  }

  // Of which the kernel does not say that they are plain: decide__odd(). No path that is known is
  // the text here, since all of them begin with a slash.
  Test only_odd_paths() const {
    return {.may_be_true = of({DimensionKind::kPrefix, FILTER_PATH}, PrefixSet::whole("."), false),
            .may_be_false = Clauses::all(kinds_)};
  }

  // "true" and "false" by flags.
  Test truth(const Atom& atom, FieldType type, const KernelValue& value) const {
    const bool if_true = judge_value(atom, type, Value::of_text("true"));
    const bool if_false = judge_value(atom, type, Value::of_text("false"));
    const Dimension dimension{DimensionKind::kFlags, 0};
    FlagTests all;
    for (const NamedFlag& flag : value.flags) {
      all.push_back({.mask = flag.mask, .value = flag.value, .equal = flag.equal});
    }
    std::ranges::sort(all);
    // Some calls have no such flags, and are one or the other all the same.
    Clauses when_true = of(dimension, all, true);
    Clauses when_false = Clauses::all(kinds_);
    const bool exact = all.size() == 1 && if_true != if_false;
    if (exact) {
      all.front().equal = !all.front().equal;
      when_false = of(dimension, all, true);
    }
    Test made = either();
    if (if_true && !if_false) made.may_be_true = std::move(when_true);
    if (exact && if_false) made.may_be_true = std::move(when_false);
    return made;
  }

  // A number of which all that are less than 0 are -1; events without it have a number here, too.
  Test descriptor(const Atom& atom, const KernelValue& value) {
    constexpr std::uint64_t kZero = std::uint64_t{1} << DECIDE_SIGN;
    const NumberSet negative = NumberSet::of({{.first = 0, .last = kZero - 1}});
    NumberSet wanted = NumberSet::none();
    for (const Literal& literal : atom.literals) {
      const bool membership = atom.op == Operator::kIn || atom.op == Operator::kIntersects;
      NumberSet one = numbers_that_are(membership ? Operator::kEqual : atom.op, literal.number,
                                       /*is_signed=*/true);
      if (one.has(kZero - 1)) one = one.united(negative);
      wanted = wanted.united(one);
    }
    // Of several that must all hold this is more than is asked for.
    Test made = either();
    made.may_be_true = of({DimensionKind::kNumber, value.dimension}, wanted, false);
    return made;
  }

  // Whether a flag is set, as a test; nothing if the kernel does not know its name.
  static std::optional<FlagTest> flag_test(const KernelValue& value, std::string_view name) {
    const auto known = std::ranges::find(value.flags, name, &NamedFlag::name);
    if (known == value.flags.end()) return std::nullopt;
    return FlagTest{.mask = known->mask, .value = known->value, .equal = true};
  }

  Test flag(const KernelValue& value, std::string_view name) const {
    const auto found = flag_test(value, name);
    if (!found) return either();
    FlagTest opposite = *found;
    opposite.equal = false;
    const Dimension dimension{DimensionKind::kFlags, 0};
    return {.may_be_true = of(dimension, FlagTests{*found}, false),
            .may_be_false = of(dimension, FlagTests{opposite}, true),
            .exact = true};
  }

  // All these flags are set.
  Test all_set(const KernelValue& value, std::span<const std::string> names) {
    Atom all;
    all.modifier = Modifier::kAllOf;
    std::vector<Test> parts;
    for (const std::string& name : names) parts.push_back(flag(value, name));
    return joined(all, std::move(parts));
  }

  Test flags(const Atom& atom, const KernelValue& value, AtomPlan& plan) {
    const Dimension dimension{DimensionKind::kFlags, 0};
    switch (atom.op) {
      case Operator::kContains: {
        std::vector<Test> parts;
        for (const Literal& literal : atom.literals) {
          parts.push_back(all_set(value, literal.flags));
        }
        return joined(atom, std::move(parts));
      }
      case Operator::kIntersects: {
        std::vector<Test> parts;
        for (const std::string& name : atom.texts.texts()) parts.push_back(flag(value, name));
        return joined(atom, std::move(parts));
      }
      case Operator::kEqual:
      case Operator::kNotEqual: {
        // That no other is set is not looked at.
        std::vector<Test> parts;
        for (const Literal& literal : atom.literals) {
          Test part = either();
          part.may_be_true = atom.op == Operator::kEqual ? all_set(value, literal.flags).may_be_true
                                                         : of(dimension, FlagTests{}, false);
          parts.push_back(std::move(part));
        }
        return joined(atom, std::move(parts));
      }
      default:
        plan.decided = Decided::kNot;
        plan.how = "the kernel does not know this operator";
        return either();
    }
  }

  const Condition& condition_;
  std::size_t cap_;
  std::uint16_t kind_ = 0;   // one of those that are looked at
  KindSet kinds_;            // all of them
  std::vector<Test> tests_;  // by atom
  PushedCondition pushed_;
};

KindSet set_of_all(std::span<const std::uint16_t> kinds) {
  KindSet set;
  for (const std::uint16_t kind : kinds) set.set(kind);
  return set;
}

}  // namespace

PushedCondition push_down(const Condition& condition, std::span<const std::uint16_t> kinds,
                          std::size_t cap) {
  return Pusher(condition, cap).whole(kinds);
}

PushedCondition push_down_all(std::span<const std::uint16_t> kinds) {
  PushedCondition pushed;
  pushed.clauses = Clauses::all(set_of_all(kinds));
  pushed.certain = true;
  return pushed;
}

}  // namespace outrider
