// SPDX-License-Identifier: Apache-2.0
#include "events/redact.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>

namespace outrider {
namespace {

// ---- What is masked ----------------------------------------------------------------------------

// Names of values are compared in lower case, with a '-' before, behind and between their words:
// DB_PASSWORD, db.password and dbPassword are all "-db-password-". So a '-' in a pattern is where
// a word must begin or end.
struct NamePattern {
  std::string_view text;
  // Also as `name: value`, unquoted, where prose would often be taken for it otherwise.
  bool before_colon;
};

constexpr NamePattern kSecretNames[] = {
    {"password", true},        {"passwd", true},       {"passphrase", true},
    {"passcode", true},        {"secret", true},       {"credential", true},
    {"token-", true},                              // not "tokens", "tokenizer"
    {"authorization-", true},  {"-auth-", false},  // not "author"
    {"oauth-", false},         {"basicauth-", false},  {"-bearer-", false},
    {"-cookie-", true},        {"-jwt-", false},       {"api-key-", true},
    {"apikey-", true},         {"access-key-", true},  {"accesskey-", true},
    {"account-key-", true},    {"private-key-", true}, {"privatekey-", true},
    {"encryption-key-", true}, {"signing-key-", true}, {"-pass-", false},
    {"-passin-", false},  // openssl
    {"-passout-", false},      {"sshpass-", false},    {"-pwd-", false},
    {"userpwd-", false},
};

// Names that hold such a word, but whose value is about a secret and none itself.
constexpr std::string_view kHarmlessEndings[] = {
    "file-",    "-path-",   "-dir-",    "-directory-", "-type-",     "-name-",       "-count-",
    "-length-", "-size-",   "-limit-",  "-ttl-",       "-timeout-",  "-expiry-",     "-expires-",
    "-policy-", "-prompt-", "-stdin-",  "-fd-",        "-format-",   "-mode-",       "-method-",
    "-url-",    "-uri-",    "-host-",   "-port-",      "-user-",     "-username-",   "-env-",
    "-issuer-", "-field-",  "-header-", "-version-",   "-endpoint-", "-expiration-",
};
constexpr std::string_view kHarmlessBeginnings[] = {
    "-no-", "-enable-", "-disable-", "-skip-", "-without-",
};
// As they are written: the working directory.
constexpr std::string_view kHarmlessNames[] = {"PWD"};

// Header names whose value needs no space after the colon; all that begin with X- besides.
constexpr std::string_view kHeaders[] = {
    "-authorization-",
    "-proxy-authorization-",
    "-cookie-",
    "-set-cookie-",
};
// In a header without quotes around it, the word after one of these is still its value.
constexpr std::string_view kSchemes[] = {"bearer", "basic",     "digest",
                                         "token",  "negotiate", "apikey"};

// Words with their value after a space.
struct Phrase {
  std::string_view text;
  bool only_quoted;  // the value
};
constexpr Phrase kPhrases[] = {
    {"bearer", false},
    {"password", true},  // SQL
    {"identified by", true},
};

// Options that only mean a secret to some programs. The program is the last argument whose file
// name is one of these: sudo, env, docker exec and the like need not be known.
enum class Program : std::uint8_t {
  kOther,
  kCurl,
  kHttpie,
  kIpmitool,
  kLdap,
  kLftp,
  kLogin,  // docker login, helm registry login, ...
  kMongo,
  kMysql,
  kOpenssl,
  kRedis,
  kSamba,
  kSevenZip,
  kShellRunner,  // arguments are read by a shell; their own -p and -P are no secrets
  kSnmp,
  kSqlcmd,
  kSshpass,
  kZip,
};

struct ProgramName {
  std::string_view name;
  Program program;
};

constexpr ProgramName kPrograms[] = {
    {"7z", Program::kSevenZip},
    {"7za", Program::kSevenZip},
    {"7zr", Program::kSevenZip},
    {"7zz", Program::kSevenZip},
    {"curl", Program::kCurl},
    {"http", Program::kHttpie},
    {"https", Program::kHttpie},
    {"ipmitool", Program::kIpmitool},
    {"ldapadd", Program::kLdap},
    {"ldapdelete", Program::kLdap},
    {"ldapmodify", Program::kLdap},
    {"ldappasswd", Program::kLdap},
    {"ldapsearch", Program::kLdap},
    {"ldapwhoami", Program::kLdap},
    {"lftp", Program::kLftp},
    {"login", Program::kLogin},
    {"mariadb", Program::kMysql},
    {"mariadb-admin", Program::kMysql},
    {"mariadb-check", Program::kMysql},
    {"mariadb-dump", Program::kMysql},
    {"mongo", Program::kMongo},
    {"mongodump", Program::kMongo},
    {"mongoexport", Program::kMongo},
    {"mongoimport", Program::kMongo},
    {"mongorestore", Program::kMongo},
    {"mongosh", Program::kMongo},
    {"mysql", Program::kMysql},
    {"mysqladmin", Program::kMysql},
    {"mysqlbinlog", Program::kMysql},
    {"mysqlcheck", Program::kMysql},
    {"mysqldump", Program::kMysql},
    {"mysqlimport", Program::kMysql},
    {"mysqlshow", Program::kMysql},
    {"openssl", Program::kOpenssl},
    {"redis-benchmark", Program::kRedis},
    {"redis-cli", Program::kRedis},
    {"rsync", Program::kShellRunner},
    {"scp", Program::kShellRunner},
    {"sftp", Program::kShellRunner},
    {"smbclient", Program::kSamba},
    {"snmpget", Program::kSnmp},
    {"snmpset", Program::kSnmp},
    {"snmpwalk", Program::kSnmp},
    {"sqlcmd", Program::kSqlcmd},
    {"ssh", Program::kShellRunner},
    {"sshpass", Program::kSshpass},
    {"unzip", Program::kZip},
    {"valkey-cli", Program::kRedis},
    {"watch", Program::kShellRunner},
    {"zip", Program::kZip},
};

struct ProgramOption {
  Program program;
  std::string_view option;
  bool attached;   // the value may follow in the same argument,
  bool separate;   // and as the next one
  char separator;  // 0: all of the value is masked; otherwise what is behind this character
};

constexpr ProgramOption kProgramOptions[] = {
    {Program::kCurl, "-u", true, true, ':'},
    {Program::kCurl, "-U", true, true, ':'},
    {Program::kCurl, "--user", true, true, ':'},
    {Program::kCurl, "--proxy-user", true, true, ':'},
    {Program::kCurl, "-b", true, true, 0},  // cookies
    {Program::kHttpie, "-a", true, true, ':'},
    {Program::kIpmitool, "-P", true, true, 0},
    {Program::kLdap, "-w", true, true, 0},
    {Program::kLftp, "-u", true, true, ','},
    {Program::kLogin, "-p", true, true, 0},
    {Program::kMongo, "-p", true, true, 0},
    {Program::kMysql, "-p", true, false, 0},  // alone it asks
    {Program::kOpenssl, "-k", false, true, 0},
    {Program::kOpenssl, "-K", false, true, 0},
    {Program::kRedis, "-a", false, true, 0},
    {Program::kSamba, "-U", true, true, '%'},
    {Program::kSevenZip, "-p", true, false, 0},
    {Program::kSnmp, "-c", true, true, 0},  // community
    {Program::kSnmp, "-A", true, true, 0},
    {Program::kSnmp, "-X", true, true, 0},
    {Program::kSqlcmd, "-P", true, true, 0},
    {Program::kSshpass, "-p", true, true, 0},
    {Program::kZip, "-P", true, true, 0},
};

// ---- Characters --------------------------------------------------------------------------------

constexpr std::string_view kMask = "***";

using CharacterSet = std::array<bool, 256>;

constexpr CharacterSet characters(std::string_view all) {
  CharacterSet set{};
  for (char c : all) set[static_cast<unsigned char>(c)] = true;
  return set;
}

constexpr bool in(const CharacterSet& set, char c) { return set[static_cast<unsigned char>(c)]; }

constexpr CharacterSet kNameCharacters =
    characters("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");
constexpr CharacterSet kQuotes = characters("\"'");
constexpr CharacterSet kSpaces = characters(" \t\r\n");
// Between the words of a shell; quotes are, too, wherever they stand, so that masking what is
// between two of them does not change how the rest is read.
constexpr CharacterSet kShellOperators = characters(";|&()<>`\n");
constexpr CharacterSet kWordEnds = characters(" \t\r\n;|&()<>`");
constexpr CharacterSet kBetweenWords = characters(" \t\r\n;|&()<>`\"'");
// What has to be looked at more closely.
constexpr CharacterSet kMarks = characters("=: ");

// Where a value ends, by the character before its name.
constexpr CharacterSet kAfterQuery = characters("&#; \t\r\n\"'");
constexpr CharacterSet kAfterComma = characters(", \t\r\n\"'");
constexpr CharacterSet kAfterSemicolon = characters("; \t\r\n\"'");
constexpr CharacterSet kAfterBracket = characters(",)]} \t\r\n\"'");
constexpr CharacterSet kAfterOther = characters(" \t\r\n\"'");
constexpr CharacterSet kAfterQuotedName = characters(",]} \t\r\n\"'\\");

const CharacterSet& value_ends(char before_name) {
  switch (before_name) {
    case '?':
    case '&':
      return kAfterQuery;
    case ',':
      return kAfterComma;
    case ';':
      return kAfterSemicolon;
    case '(':
    case '[':
    case '{':
      return kAfterBracket;
    default:
      return kAfterOther;
  }
}

constexpr CharacterSet kAuthorityEnds = characters("/?#\\ \t\r\n\"'<>");
constexpr CharacterSet kUrlEnds = characters(" \t\r\n\"'<>");

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
constexpr bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool is_letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool equal_ignoring_case(std::string_view text, std::string_view lower_case) {
  return std::ranges::equal(text, lower_case, [](char a, char b) { return lower(a) == b; });
}

// ---- Names -------------------------------------------------------------------------------------

constexpr std::uint32_t letters_of(std::string_view text) {
  std::uint32_t letters = 0;
  for (char c : text) {
    if (is_letter(c)) letters |= 1u << (lower(c) - 'a');
  }
  return letters;
}

// The letters of each pattern: most names lack one, and need not be searched.
constexpr auto kSecretNameLetters = [] {
  std::array<std::uint32_t, std::size(kSecretNames)> letters{};
  for (std::size_t i = 0; i < letters.size(); ++i) letters[i] = letters_of(kSecretNames[i].text);
  return letters;
}();

bool may_be_secret(std::string_view written) {
  const std::uint32_t letters = letters_of(written);
  return std::ranges::any_of(kSecretNameLetters,
                             [&](std::uint32_t needed) { return (needed & ~letters) == 0; });
}

// A name in the form that the patterns have. Of a long one only the end.
class Name {
 public:
  explicit Name(std::string_view written) : written_(written) {
    if (written.size() > kLongest) written.remove_prefix(written.size() - kLongest);
    text_[size_++] = '-';
    bool after_lower = false;
    for (char c : written) {
      if (is_upper(c) && after_lower) push('-');
      push(c == '_' || c == '.' ? '-' : lower(c));
      after_lower = !is_upper(c) && is_letter(c);
    }
    push('-');
  }

  std::string_view text() const { return {text_.data(), size_}; }

  // Does its value look like a secret?
  bool is_secret(bool before_colon = false) const {
    return !is_harmless() && std::ranges::any_of(kSecretNames, [&](const NamePattern& pattern) {
      return (pattern.before_colon || !before_colon) &&
             text().find(pattern.text) != std::string_view::npos;
    });
  }

  bool is_header() const {
    return text().starts_with("-x-") || std::ranges::find(kHeaders, text()) != std::end(kHeaders);
  }

 private:
  bool is_harmless() const {
    auto ends = [&](std::string_view ending) { return text().ends_with(ending); };
    auto begins = [&](std::string_view beginning) { return text().starts_with(beginning); };
    return std::ranges::any_of(kHarmlessEndings, ends) ||
           std::ranges::any_of(kHarmlessBeginnings, begins) ||
           std::ranges::find(kHarmlessNames, written_) != std::end(kHarmlessNames);
  }

  void push(char c) {
    if (c != '-' || text_[size_ - 1] != '-') text_[size_++] = c;
  }

  static constexpr std::size_t kLongest = 64;
  std::string_view written_;
  std::array<char, 2 * kLongest + 2> text_;
  std::size_t size_ = 0;
};

// --password, -token; not -p, and not the beginning of a PEM file.
bool is_option(std::string_view word) {
  if (!word.starts_with('-')) return false;
  word.remove_prefix(word.starts_with("--") ? 2 : 1);
  return word.empty() || is_letter(word[0]);
}

// -c, -lc: a script for a shell follows.
bool announces_script(std::string_view word) {
  return word.size() >= 2 && word[0] == '-' && word.back() == 'c' &&
         std::ranges::all_of(word.substr(1), is_letter);
}

// -u, and -su for programs that allow letters to be put together.
bool is_short_option(std::string_view word, std::string_view option) {
  return option.size() == 2 && word.size() > 2 && word[0] == '-' && word.back() == option[1] &&
         std::ranges::all_of(word.substr(1), is_letter);
}

Program program_of(std::string_view word, Program otherwise) {
  word.remove_prefix(word.rfind('/') + 1);  // npos + 1 is 0
  for (const ProgramName& row : kPrograms) {
    if (row.name == word) return row.program;
  }
  return otherwise;
}

// ---- The walk ----------------------------------------------------------------------------------

// Positions are bytes from the beginning of the input. A walk only goes forward: what has been
// masked is not looked at again, and names are only looked for behind it.
class Redactor {
 public:
  explicit Redactor(std::string_view input) : input_(input) {}

  std::optional<std::string> run() {
    bool is_script = false;
    for (std::size_t begin = 0; begin < input_.size(); begin = end_ + 1) {
      begin_ = begin;
      end_ = std::min(input_.find('\0', begin), input_.size());
      floor_ = begin;
      const std::string_view argument = between(begin_, end_);
      script_ = is_script || (program_ == Program::kShellRunner && !argument.starts_with('-'));
      if (script_) {
        walk_script();
      } else {
        word(begin_, end_);
      }
      is_script = masked_ <= begin_ && program_ != Program::kSnmp && announces_script(argument);
    }
    if (copied_ == 0) return std::nullopt;
    output_ += input_.substr(copied_);
    return std::move(output_);
  }

 private:
  // What the word before said of this one.
  struct Expected {
    enum class Kind : std::uint8_t { kNothing, kUnlessOption, kAnything };
    Kind kind = Kind::kNothing;
    char separator = 0;
  };

  struct Range {
    std::size_t begin;
    std::size_t end;
  };

  std::string_view between(std::size_t begin, std::size_t end) const {
    return input_.substr(begin, end - begin);
  }

  // The first place from `begin` on whose character is in the set, or the end of the argument.
  std::size_t find(const CharacterSet& set, std::size_t begin) const {
    while (begin < end_ && !in(set, input_[begin])) ++begin;
    return begin;
  }

  std::size_t skip(const CharacterSet& set, std::size_t begin) const {
    while (begin < end_ && in(set, input_[begin])) ++begin;
    return begin;
  }

  bool is(const CharacterSet& set, std::size_t place) const {
    return place < end_ && in(set, input_[place]);
  }

  // Returns the place to go on from.
  std::size_t mask(Range value) {
    assert(value.begin >= copied_ && value.begin <= value.end && value.end <= end_);
    floor_ = std::max(floor_, value.end);
    if (value.begin == value.end) return value.end;
    masked_ = value.end;
    if (between(value.begin, value.end) == kMask) return value.end;
    if (output_.empty()) output_.reserve(input_.size() + kMask.size());
    output_ += between(copied_, value.begin);
    output_ += kMask;
    copied_ = value.end;
    return value.end;
  }

  // Masks what is behind the separator, if there is one.
  std::optional<std::size_t> mask_behind(Range value, char separator) {
    if (separator == 0) return mask(value);
    const std::size_t place = between(value.begin, value.end).find(separator);
    if (place == std::string_view::npos) return std::nullopt;
    return mask({value.begin + place + 1, value.end});
  }

  // A script is read word by word; a value may take more than its word.
  void walk_script() {
    expected_ = {};
    std::size_t place = begin_;
    while (true) {
      for (; is(kBetweenWords, place); ++place) {
        if (in(kShellOperators, input_[place])) program_ = Program::kOther;
      }
      if (place >= end_) break;
      const std::size_t word_end = find(kBetweenWords, place);
      place = std::max(word_end, word(place, word_end));
      if (place == word_end && is(kSpaces, place)) place = phrase(place).value_or(place);
    }
    expected_ = {};
  }

  // An argument, or a word of a script. Returns the place to go on from.
  std::size_t word(std::size_t begin, std::size_t end) {
    const std::string_view text = between(begin, end);
    const Expected expected = std::exchange(expected_, {});
    switch (expected.kind) {
      case Expected::Kind::kNothing:
        break;
      case Expected::Kind::kUnlessOption:
        if (!is_option(text)) return mask(word_value(begin));
        break;
      case Expected::Kind::kAnything:
        if (text == "--") break;
        if (auto next = mask_behind(word_value(begin), expected.separator)) return *next;
        break;
    }
    if (text.starts_with('-')) {
      if (auto next = option(begin, end)) return *next;
    }
    const std::size_t next = marks(begin, end);
    // A word of which something is masked means nothing besides: it is gone the second time.
    if (masked_ <= begin && !text.starts_with('-')) program_ = program_of(text, program_);
    return next;
  }

  // The value that begins here, as far as its argument or its word in a script goes.
  Range word_value(std::size_t begin) const {
    if (!script_) return {begin, end_};
    if (is(kQuotes, begin)) return quoted(begin);
    if (begin > begin_ && in(kQuotes, input_[begin - 1])) return quoted(begin - 1);
    const std::size_t end = find(kWordEnds, begin);
    return {begin, end > begin && in(kQuotes, input_[end - 1]) ? before_quotes(begin, end) : end};
  }

  // The value that ends before one of the set.
  Range value_until(const CharacterSet& set, std::size_t begin) const {
    const std::size_t end = find(set, begin);
    return {begin, is(kQuotes, end) ? before_quotes(begin, end) : end};
  }

  // `end` without the quotes before it, and without the backslashes that escape a quote: those
  // stay, so that a quote means the same when it is read again.
  std::size_t before_quotes(std::size_t begin, std::size_t end) const {
    while (end > begin && (in(kQuotes, input_[end - 1]) || input_[end - 1] == '\\')) --end;
    return end;
  }

  // What is between the quote at `quote` and the next one like it, or the end.
  Range quoted(std::size_t quote) const {
    const bool escaped = quote > begin_ && input_[quote - 1] == '\\';
    std::size_t end = quote + 1;
    while (end < end_ && (input_[end] != input_[quote] || (!escaped && input_[end - 1] == '\\'))) {
      ++end;
    }
    // The backslash of the closing quote, if the opening one has one.
    if (escaped && end < end_) {
      while (end > quote + 1 && input_[end - 1] == '\\') --end;
    }
    return {quote + 1, end};
  }

  // A word that begins with '-'. Returns the place to go on from if that is all about it.
  std::optional<std::size_t> option(std::size_t begin, std::size_t end) {
    const std::string_view text = between(begin, end);
    if (program_ != Program::kOther) {
      for (const ProgramOption& row : kProgramOptions) {
        if (row.program != program_) continue;
        if (text == row.option || (row.separator != 0 && is_short_option(text, row.option))) {
          // In a script a quote ends a word, so that of -p'x' this is -p.
          const bool attached = row.attached && script_ && is(kQuotes, end);
          if (!row.separate && !attached) continue;
          expected_ = {.kind = Expected::Kind::kAnything, .separator = row.separator};
          return end;
        }
        if (!row.attached || !text.starts_with(row.option)) continue;
        std::size_t value = begin + row.option.size();
        if (row.option.starts_with("--")) {
          if (input_[value] != '=') continue;
          ++value;
        }
        if (auto next = mask_behind(word_value(value), row.separator)) return next;
      }
    }
    if (std::ranges::all_of(text, [](char c) { return in(kNameCharacters, c); })) {
      if (may_be_secret(text) && Name(text).is_secret()) {
        expected_ = {.kind = Expected::Kind::kUnlessOption};
      }
      return end;
    }
    return std::nullopt;
  }

  // Values that are told by what is before them, wherever they are in the word.
  std::size_t marks(std::size_t begin, std::size_t end) {
    std::size_t place = begin;
    while (place < end) {
      switch (input_[place]) {
        case '=':
          place = equals(place);
          break;
        case ':':
          place = colon(place);
          break;
        case ' ':
          place = phrase(place).value_or(place + 1);
          break;
        default:
          ++place;
      }
      while (place < end && !in(kMarks, input_[place])) ++place;
    }
    return place;
  }

  struct Written {
    std::string_view name;
    char before = 0;  // the character before the name, 0 at the beginning of an argument
    std::size_t begin = 0;
    bool quoted = false;  // "name":
    bool spaced = false;  // name =
  };

  // The name that ends before `end`.
  Written name_before(std::size_t end) const {
    Written written;
    while (end > floor_ && input_[end - 1] == ' ') {
      --end;
      written.spaced = true;
    }
    if (end > floor_ && in(kQuotes, input_[end - 1])) {
      --end;
      written.quoted = true;
      while (end > floor_ && input_[end - 1] == '\\') --end;
    }
    std::size_t begin = end;
    while (begin > floor_ && in(kNameCharacters, input_[begin - 1])) --begin;
    written.name = between(begin, end);
    written.begin = begin;
    if (begin > begin_) written.before = input_[begin - 1];
    return written;
  }

  // name=value
  std::size_t equals(std::size_t place) {
    std::size_t name_end = place;
    if (name_end > floor_ && (input_[name_end - 1] == ':' || input_[name_end - 1] == '+')) {
      --name_end;
    }
    const Written written = name_before(name_end);
    floor_ = place + 1;
    if (!may_be_secret(written.name) || !Name(written.name).is_secret()) return place + 1;
    std::size_t value = place + 1;
    if (written.spaced || written.quoted) value = skip(kSpaces, value);
    return mask(value_of(written, value));
  }

  // scheme://user:value@host, "name":value, name: value
  std::size_t colon(std::size_t place) {
    if (between(place + 1, std::min(place + 3, end_)) == "//") return url(place + 3);
    if (place + 1 < end_ && input_[place + 1] == '=') return place + 1;  // name:=value
    const Written written = name_before(place);
    floor_ = place + 1;
    if (!may_be_secret(written.name)) return place + 1;
    const Name name(written.name);
    std::size_t value = skip(kSpaces, place + 1);
    if (written.quoted) {
      if (!name.is_secret()) return place + 1;
      return mask(value_of(written, value));
    }
    if (!name.is_secret(/*before_colon=*/true)) return place + 1;
    if (value == place + 1 && !name.is_header()) return place + 1;
    return mask(header_value(written, value));
  }

  Range value_of(const Written& written, std::size_t begin) const {
    std::size_t quote = begin;
    while (quote < end_ && input_[quote] == '\\') ++quote;
    if (is(kQuotes, quote)) {
      if (!written.quoted && written.before == input_[quote]) return {begin, begin};  // "name="
      return quoted(quote);
    }
    if (written.quoted) {
      if (begin < end_ && (input_[begin] == '{' || input_[begin] == '[')) return {begin, begin};
      return value_until(kAfterQuotedName, begin);
    }
    if (in(kQuotes, written.before)) return {begin, quoted(written.begin - 1).end};
    const bool from_start = written.before == 0 || written.before == '=';
    if (from_start || (script_ && in(kWordEnds, written.before))) return word_value(begin);
    return value_until(value_ends(written.before), begin);
  }

  Range header_value(const Written& written, std::size_t begin) const {
    if (is(kQuotes, begin) || in(kQuotes, written.before)) return value_of(written, begin);
    if (!script_ && written.before == 0) return {begin, end_};
    const std::string_view first = between(begin, find(kAfterOther, begin));
    const bool is_scheme = std::ranges::any_of(
        kSchemes, [&](std::string_view scheme) { return equal_ignoring_case(first, scheme); });
    const std::size_t last = is_scheme ? skip(kSpaces, begin + first.size()) : begin;
    return {begin, value_until(kAfterOther, last).end};
  }

  // What follows "://".
  std::size_t url(std::size_t begin) {
    floor_ = begin;
    std::size_t end = find(kAuthorityEnds, begin);
    const std::size_t user_end = between(begin, end).find(':');
    if (user_end == std::string_view::npos) return begin;
    const std::size_t secret = begin + user_end + 1;
    if (between(secret, end).find('@') == std::string_view::npos) {
      // A host's port has only digits: with others it is a secret that has a '/' or the like.
      const bool is_port =
          input_[begin] == '[' || std::ranges::all_of(between(secret, end), is_digit);
      if (is_port) return begin;
      if (begin < no_at_until_) return begin;
      end = find(kUrlEnds, end);
    }
    const std::size_t at = between(secret, end).rfind('@');
    if (at == std::string_view::npos) {
      no_at_until_ = end;
      return begin;
    }
    return mask({secret, secret + at});
  }

  // The space at `place` may be that between "Bearer" and its value.
  std::optional<std::size_t> phrase(std::size_t place) {
    for (const Phrase& phrase : kPhrases) {
      if (place - begin_ < phrase.text.size()) continue;
      const std::size_t begin = place - phrase.text.size();
      if (!equal_ignoring_case(between(begin, place), phrase.text)) continue;
      if (begin > begin_ && in(kNameCharacters, input_[begin - 1])) continue;
      const std::size_t value = skip(kSpaces, place);
      if (is(kQuotes, value)) return mask(quoted(value));
      if (phrase.only_quoted) continue;
      return mask(value_until(script_ ? kBetweenWords : kAfterComma, value));
    }
    return std::nullopt;
  }

  std::string_view input_;
  std::string output_;
  std::size_t copied_ = 0;  // of the input, to the output
  std::size_t masked_ = 0;  // the end of the last value, also if it was *** already

  // The argument.
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t floor_ = 0;  // names are not looked for before this
  bool script_ = false;
  // From here back to the URL that was read last there is no '@': many in a row are not searched
  // to the same end again and again.
  std::size_t no_at_until_ = 0;

  Program program_ = Program::kOther;
  Expected expected_;
};

}  // namespace

std::optional<std::string> redact_arguments(std::string_view arguments) {
  return Redactor(arguments).run();
}

}  // namespace outrider
