// SPDX-License-Identifier: Apache-2.0
//
// What each operator, type and transformer means, as a table: an expression, and whether it holds
// for the event of tests/support/example_fields.cpp.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "language/checker.h"
#include "language/evaluator.h"
#include "language/parser.h"
#include "support/example_fields.h"

namespace outrider {
namespace {

struct Case {
  std::string_view expression;
  bool holds;
};

bool judged(std::string_view expression, std::uint16_t kind = WIRE_OPEN) {
  const auto condition = load(expression, test::example_catalog());
  if (!condition) {
    ADD_FAILURE() << expression << ": " << condition.error().message;
    return false;
  }
  const test::ExampleEvent example(kind);
  return evaluate(*condition, example.event);
}

// clang-format off: tables
constexpr Case kTexts[] = {
    {"proc.name = nginx", true},
    {"proc.name == nginx", true},
    {"proc.name=nginx", true},
    {"proc.name = Nginx", false},
    {"proc.name = ngin", false},
    {"proc.name = nginxx", false},
    {"proc.name != nginx", false},
    {"proc.name != apache", true},
    {"proc.name = ''", false},
    {"proc.empty = ''", true},
    {"proc.empty != ''", false},
    {"proc.empty exists", true},
    {"proc.name exists", true},
    {"proc.name contains gin", true},
    {"proc.name contains nginx", true},
    {"proc.name contains ''", true},
    {"proc.name contains GIN", false},
    {"proc.name contains nginxx", false},
    {"proc.name icontains GIN", true},
    {"proc.title icontains nginx", true},
    {"proc.title icontains 'X: wOrK'", true},
    {"proc.title icontains apache", false},
    {"proc.name startswith ng", true},
    {"proc.name startswith nginx", true},
    {"proc.name startswith ''", true},
    {"proc.name startswith gin", false},
    {"proc.name startswith nginxx", false},
    {"proc.name endswith nx", true},
    {"proc.name endswith inx", true},
    {"proc.name endswith ''", true},
    {"proc.name endswith ngi", false},
    {"fd.name endswith .conf", true},
    {"fd.name startswith /etc/", true},
    {"fd.bytes bcontains 454c46", true},
    {"fd.bytes bcontains 454C4600FF", true},
    {"fd.bytes bcontains 00", true},
    {"fd.bytes bcontains 4c45", false},
    {"fd.bytes bcontains ''", true},
    {"fd.bytes bstartswith 7f454c46", true},
    {"fd.bytes bstartswith 454c46", false},
    {"fd.bytes contains secret", true},
    {"proc.name = \"ngi\\nx\"", false},
    {"proc.title = 'NginX: Worker'", true},
    {"proc.title = \"NginX: Worker\"", true},
    {"proc.title = NginX:", false},
    {"proc.name = nginx and proc.title contains ' '", true},
};

constexpr Case kPatterns[] = {
    {"proc.name glob ngin?", true},
    {"proc.name glob n*x", true},
    {"proc.name glob N*X", false},
    {"proc.name glob ngin", false},
    {"proc.name glob [a-n]ginx", true},
    {"proc.name glob [!n]ginx", false},
    {"proc.name iglob N*X", true},
    {"proc.title iglob 'nginx: *'", true},
    {"proc.title iglob nginx:", false},
    {"fd.name glob /etc/*", true},
    {"fd.name glob /etc/*.conf", true},
    {"fd.name glob /etc/*/nginx.*", true},
    {"fd.name glob *.conf", true},
    {"fd.name glob /etc", false},
    {"fd.name glob '/etc/\\\\*'", false},
    {"proc.name regex nginx", true},
    {"proc.name regex ngin", false},
    {"proc.name regex ginx", false},
    {"proc.name regex 'ngin.*'", true},
    {"proc.name regex '^nginx$'", true},
    {"proc.name regex '[a-z]+'", true},
    {"proc.name regex '[[:alpha:]]{5}'", true},
    {"proc.name regex 'apache|nginx'", true},
    {"proc.name regex 'apache|ngin'", false},
    {"proc.name regex NGINX", false},
    {"fd.name regex '/etc/.*\\\\.conf'", true},
    {"fd.name regex '/etc/.*\\\\.cfg'", false},
    {"fd.bytes regex '.*secret'", true},
    {"fd.name pmatch (/etc)", true},
    {"fd.name pmatch (/etc/)", true},
    {"fd.name pmatch (/)", true},
    {"fd.name pmatch (/et)", false},
    {"fd.name pmatch (/etc/ng)", false},
    {"fd.name pmatch (/etc/nginx/nginx.conf)", true},
    {"fd.name pmatch (/etc/nginx/nginx.conf/x)", false},
    {"fd.name pmatch (/var, /usr)", false},
    {"fd.name pmatch (/var, /etc/nginx)", true},
    {"fd.name pmatch (/*/nginx)", true},
    {"fd.name pmatch (/*/apache)", false},
    {"fd.name pmatch ()", false},
};

constexpr Case kNumbers[] = {
    {"proc.pid = 42", true},
    {"proc.pid = 0x2a", true},
    {"proc.pid = 0X2A", true},
    {"proc.pid = +42", true},
    {"proc.pid = 042", true},
    {"proc.pid = '42'", true},
    {"proc.pid = 43", false},
    {"proc.pid = -42", false},
    {"proc.pid != 42", false},
    {"proc.pid != 43", true},
    {"proc.pid < 43", true},
    {"proc.pid < 42", false},
    {"proc.pid <= 42", true},
    {"proc.pid <= 41", false},
    {"proc.pid > 41", true},
    {"proc.pid > 42", false},
    {"proc.pid >= 42", true},
    {"proc.pid >= 43", false},
    {"proc.pid > -1", true},
    {"proc.pid<43", true},
    {"proc.pid>=42", true},
    {"proc.pid exists", true},
    {"user.uid = 0", true},
    {"user.uid exists", true},
    {"user.loginuid = -1", true},
    {"user.loginuid < 0", true},
    {"user.loginuid >= 0", false},
    {"user.loginuid > -2", true},
    {"user.loginuid = 18446744073709551615", false},
    {"evt.num = 18446744073709551615", true},
    {"evt.num > 9223372036854775807", true},
    {"evt.num = -1", false},
    {"evt.rawres = -2", true},
    {"evt.rawres = ENOENT", true},
    {"evt.rawres = EACCES", false},
    {"evt.rawres in (EACCES, ENOENT)", true},
    {"evt.rawres < 0", true},
    {"evt.res = ENOENT", true},
    {"evt.res != SUCCESS", true},
    {"evt.res in (EACCES, ENOENT)", true},
    {"evt.res startswith E", true},
    {"evt.time > 1795233012000000000", true},
    {"evt.latency > 1ms", true},
    {"evt.latency < 2ms", true},
    {"evt.latency = 1500us", true},
    {"evt.latency >= 1500000", true},
    {"evt.latency > 1s", false},
    {"evt.arg.mode = 04755", true},
    {"evt.arg.mode = 2541", true},
    {"evt.arg.mode = 4755", false},
    {"evt.arg.mode = 0x9ed", true},
    {"evt.arg.mode contains S_ISUID", true},
    {"evt.arg.mode contains S_ISUID|S_IRWXU", true},
    {"evt.arg.mode contains S_ISGID", false},
    {"evt.arg.mode contains S_ISUID|S_ISGID", false},
    {"evt.arg.mode contains 04000", true},
    {"evt.arg.mode contains anyof (S_ISUID, S_ISGID)", true},
    {"evt.arg.mode contains allof (S_ISUID, S_ISGID)", false},
    {"evt.arg.mode = S_ISUID", false},
    {"proc.pid in (1, 42)", true},
    {"proc.pid in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 42)", true},
    {"proc.pid in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 43)", false},
    {"proc.pid in (-42)", false},
    {"proc.pid in ()", false},
    {"proc.pid intersects (41, 42)", true},
    {"user.loginuid in (-1, 0)", true},
    {"user.loginuid in (0, 1)", false},
    {"proc.pid = anyof (1, 42)", true},
    {"proc.pid != allof (1, 2)", true},
    {"proc.pid = oneof (42, 0x2a)", false},
};

constexpr Case kListsAndFlags[] = {
    {"proc.name in (nginx)", true},
    {"proc.name in (apache, nginx)", true},
    {"proc.name in (apache, 'nginx')", true},
    {"proc.name in (apache)", false},
    {"proc.name in ()", false},
    {"proc.name in (a, b, c, d, e, f, g, h, i, j, nginx)", true},
    {"proc.name in (a, b, c, d, e, f, g, h, i, j, nginy)", false},
    {"not proc.name in (apache)", true},
    {"proc.name intersects (apache, nginx)", true},
    {"proc.name intersects (apache)", false},
    {"evt.args in (ls, -l, /tmp)", true},
    {"evt.args in (ls, -l, /tmp, more)", true},
    {"evt.args in (ls, -l)", false},
    {"evt.args in (ls)", false},
    {"evt.args intersects (ls)", true},
    {"evt.args intersects (more, /tmp)", true},
    {"evt.args intersects (more)", false},
    {"evt.args intersects ()", false},
    {"evt.args exists", true},
    {"evt.noargs exists", true},
    {"evt.noargs in (ls)", false},
    {"evt.noargs intersects (ls)", false},
    {"evt.arg.flags contains O_CREAT", true},
    {"evt.arg.flags contains O_WRONLY", true},
    {"evt.arg.flags contains O_TRUNC", true},
    {"evt.arg.flags contains O_EXCL", false},
    {"evt.arg.flags contains O_RDONLY", false},
    {"evt.arg.flags contains O_CREAT|O_TRUNC", true},
    {"evt.arg.flags contains O_TRUNC|O_CREAT", true},
    {"evt.arg.flags contains O_CREAT|O_EXCL", false},
    {"evt.arg.flags contains anyof (O_EXCL, O_CREAT)", true},
    {"evt.arg.flags contains allof (O_EXCL, O_CREAT)", false},
    {"evt.arg.flags contains oneof (O_TRUNC, O_CREAT)", false},
    {"evt.arg.flags icontains creat", true},
    {"evt.arg.flags icontains excl", false},
    {"evt.arg.flags = O_WRONLY|O_CREAT|O_TRUNC", true},
    {"evt.arg.flags = O_TRUNC|O_CREAT|O_WRONLY", true},
    {"evt.arg.flags = O_WRONLY|O_CREAT", false},
    {"evt.arg.flags = O_WRONLY|O_CREAT|O_TRUNC|O_EXCL", false},
    {"evt.arg.flags != O_WRONLY", true},
    {"evt.arg.flags != O_TRUNC|O_CREAT|O_WRONLY", false},
    {"evt.arg.flags in (O_WRONLY, O_CREAT, O_TRUNC)", true},
    {"evt.arg.flags in (O_WRONLY|O_CREAT, O_TRUNC, O_EXCL)", true},
    {"evt.arg.flags in (O_WRONLY, O_CREAT)", false},
    {"evt.arg.flags intersects (O_EXCL, O_CREAT)", true},
    {"evt.arg.flags intersects (O_EXCL, O_RDWR)", false},
    {"evt.arg.flags startswith O_WRONLY", true},
    {"evt.arg.flags glob *O_CREAT*", true},
    {"evt.arg.flags regex '.*O_CREAT.*'", true},
    {"evt.arg.flags exists", true},
    {"evt.arg.noflags = 0", true},
    {"evt.arg.noflags contains O_CREAT", false},
    {"evt.arg[flags] contains O_CREAT", true},
    {"evt.arg[\"flags\"] contains O_CREAT", true},
};

constexpr Case kModifiers[] = {
    {"proc.name = anyof (apache, nginx)", true},
    {"proc.name = anyof (apache, httpd)", false},
    {"proc.name != anyof (apache, nginx)", true},
    {"proc.name != allof (apache, nginx)", false},
    {"proc.name != allof (apache, httpd)", true},
    {"proc.name = allof (nginx)", true},
    {"proc.name = allof (nginx, apache)", false},
    {"proc.name = oneof (nginx, apache)", true},
    {"proc.name = oneof (nginx, nginx)", false},
    {"proc.name = oneof (a, b)", false},
    {"proc.name startswith anyof (ap, ng)", true},
    {"proc.name startswith oneof (n, ng)", false},
    {"proc.name startswith oneof (n, a)", true},
    {"proc.name startswith allof (n, ng)", true},
    {"proc.name endswith anyof (x, y)", true},
    {"proc.name contains allof (ng, nx)", true},
    {"proc.name contains allof (ng, ny)", false},
    {"proc.name contains oneof (ng, ny)", true},
    {"proc.name icontains anyof (NG, Y)", true},
    {"proc.name glob anyof (a*, n*)", true},
    {"proc.name iglob anyof (A*, N*)", true},
    {"proc.name regex anyof ('a.*', 'n.*')", true},
    {"proc.name regex allof ('a.*', 'n.*')", false},
    {"fd.bytes bcontains anyof (4141, 454c)", true},
    {"fd.bytes bstartswith anyof (4141, 7f)", true},
    {"proc.name = anyof ()", false},
    {"proc.name = allof ()", false},
    {"proc.name = oneof ()", false},
    {"proc.name != allof ()", false},
    {"proc.name = anyof", false},
};

constexpr Case kTransformed[] = {
    {"tolower(proc.title) = 'nginx: worker'", true},
    {"tolower(proc.title) = 'NginX: Worker'", false},
    {"toupper(proc.name) = NGINX", true},
    {"toupper(tolower(proc.title)) startswith NGINX", true},
    {"b64(fd.b64) = /etc/passwd", true},
    {"b64(fd.b64) startswith /etc", true},
    {"b64(fd.name) exists", false},
    {"basename(fd.name) = nginx.conf", true},
    {"basename(b64(fd.b64)) = passwd", true},
    {"basename(proc.name) = nginx", true},
    {"len(proc.name) = 5", true},
    {"len(proc.name) > 5", false},
    {"len(proc.empty) = 0", true},
    {"len(evt.args) = 3", true},
    {"len(evt.noargs) = 0", true},
    {"len(proc.aname) = 3", true},
    {"len(missing.text) = 0", false},
    {"join(' ', evt.args) = 'ls -l /tmp'", true},
    {"join('', evt.args) = ls-l/tmp", true},
    {"join(',', evt.noargs) = ''", true},
    {"join('-', (proc.name, 'x', 1)) = nginx-x-1", true},
    {"join(proc.name, ('', '')) = nginx", true},
    {"join('-', (proc.name, missing.text)) exists", false},
    {"concat(fd.directory, '/', basename(fd.name)) = /etc/nginx/nginx.conf", true},
    {"concat(proc.name, ':', proc.pid) = nginx:42", true},
    {"concat(proc.name, user.loginuid) = nginx-1", true},
    {"concat(proc.name, ':', proc.pid) in ('nginx:41', 'nginx:42')", true},
    {"concat(proc.name, missing.text) = nginx", false},
    {"len(concat(proc.name, proc.pname)) = 9", true},
    {"getopt(evt.options, 'nt:') intersects (t)", true},
    {"getopt(evt.options, 'nt:') in (n, t, value)", true},
    {"getopt(evt.options, 'nt:')[t] = value", true},
    {"getopt(evt.options, 'nt:')[n] = n", true},
    {"getopt(evt.options, 'nt:x')[x] exists", false},
    {"not getopt(evt.options, 'nt:x')[x] = y", true},
    {"getopt(evt.options, 'nt')[t] = t", true},
    {"toupper(evt.args) intersects (LS)", true},
    {"toupper(evt.args) intersects (ls)", false},
    {"basename(evt.args) intersects (tmp)", true},
    {"b64(evt.args) exists", false},
    {"toupper(proc.aname) = SSHD", true},
    {"proc.name = val(proc.name)", true},
    {"proc.name = val(proc.pname)", false},
    {"proc.name != val(proc.pname)", true},
    {"proc.name > val(proc.pname)", true},
    {"proc.name < val(proc.pname)", false},
    {"proc.name >= val(proc.name)", true},
    {"proc.pname <= val(proc.name)", true},
    {"proc.pid > val(proc.ppid)", true},
    {"proc.pid = val(proc.ppid)", false},
    {"proc.pid > val(user.loginuid)", true},
    {"fd.name startswith val(fd.directory)", true},
    {"fd.name contains val(proc.name)", true},
    {"fd.name endswith val(proc.name)", false},
    {"proc.name icontains val(proc.name)", true},
    {"proc.title icontains toupper(proc.name)", true},
    {"toupper(proc.name) = toupper(proc.name)", true},
    {"proc.name = tolower(proc.title)", false},
    {"len(proc.name) = len(proc.name)", true},
    {"proc.name = val(missing.text)", false},
    {"proc.name != val(missing.text)", false},
    {"proc.pid != val(missing.number)", false},
    {"proc.name in val(proc.aname)", false},
    {"proc.pname in val(proc.aname)", true},
    {"evt.args in val(evt.args)", true},
    {"evt.args intersects val(evt.options)", false},
    {"proc.pname = val(proc.aname[1])", true},
    {"proc.aname = val(proc.pname)", true},
    {"evt.arg.flags = val(evt.arg.flags)", true},
    {"evt.arg.flags contains val(evt.arg.flags)", true},
};

constexpr Case kArguments[] = {
    {"proc.aname = sshd", true},
    {"proc.aname = init", false},
    {"proc.aname != sshd", true},
    {"proc.aname in (init, systemd)", true},
    {"proc.aname in (init)", false},
    {"proc.aname contains ssh", true},
    {"proc.aname startswith sys", true},
    {"proc.aname glob s*d", true},
    {"proc.aname regex 's.*d'", true},
    {"proc.aname startswith anyof (x, sys)", true},
    {"proc.aname exists", true},
    {"not proc.aname = init", true},
    {"proc.apid = 1", true},
    {"proc.apid = 2", false},
    {"proc.apid != 1", true},
    {"proc.apid > 6", true},
    {"proc.apid > 7", false},
    {"proc.apid in (1, 2)", true},
    {"proc.apid in (2, 3)", false},
    {"proc.apid exists", true},
    {"proc.apid = val(proc.ppid)", true},
    {"proc.apid = val(proc.pid)", false},
    {"proc.apid < val(proc.pid)", true},
    {"proc.apid[1] = 7", true},
    {"proc.apid[2] = 7", false},
    {"len(proc.apid) = 2", true},
    // Of somebody who is not known nothing holds, and nothing does not.
    {"cut.aname = bash", true},
    {"cut.aname = sshd", false},
    {"cut.aname != bash", false},
    {"cut.aname != sshd", true},
    {"cut.aname startswith ba", true},
    {"cut.aname startswith s", false},
    {"cut.aname contains ash", true},
    {"cut.aname glob '*'", true},
    {"cut.aname glob 's*'", false},
    {"cut.aname in (bash)", true},
    {"cut.aname in (sshd)", false},
    {"cut.aname exists", true},
    {"len(cut.aname) = 2", false},
    {"len(cut.aname) > 0", false},
    {"not cut.aname = sshd", true},
    {"cut.apid = 7", true},
    {"cut.apid != 7", false},
    {"cut.apid < 7", false},
    {"cut.apid in (0, 1)", false},
    {"proc.orphan exists", false},
    {"proc.orphan != init", false},
    {"proc.aname[0] = nginx", true},
    {"proc.aname[1] = bash", true},
    {"proc.aname[2] = sshd", true},
    {"proc.aname[2] = bash", false},
    {"proc.aname[9] = bash", false},
    {"proc.aname[9] != bash", false},
    {"proc.aname[9] exists", false},
    {"proc.env[PATH] contains /bin", true},
    {"proc.env.PATH contains /bin", true},
    {"proc.env['PATH'] exists", true},
    {"proc.env[HOME] exists", false},
    {"proc.aname[1] = bash and proc.aname[2] = sshd and proc.aname = systemd", true},
};

constexpr Case kLogic[] = {
    {"proc.pid=42 and proc.name=nginx", true},
    {"proc.pid=42 and proc.name=apache", false},
    {"proc.pid=1 or proc.name=nginx", true},
    {"proc.pid=1 or proc.name=apache", false},
    {"proc.pid=1 and proc.name=nginx or user.uid=0", true},
    {"user.uid=0 or proc.pid=1 and proc.name=apache", true},
    {"(user.uid=0 or proc.pid=1) and proc.name=apache", false},
    {"not proc.pid=1", true},
    {"not proc.pid=42", false},
    {"not not proc.pid=42", true},
    {"not proc.pid=1 and proc.pid=42", true},
    {"not (proc.pid=42 and proc.name=apache)", true},
    {"not (proc.pid=42 or proc.name=apache)", false},
    {"not(proc.pid=1) and not(proc.pid=2)", true},
    {"not (not proc.pid=42 or not proc.name=nginx)", true},
    {"proc.pid=1 or (proc.pid=2 or (proc.pid=3 or proc.pid=42))", true},
    {"proc.pid=42 and (proc.pid=2 or not (proc.pid=3 and proc.pid=42))", true},
    {"not missing.text = a or proc.pid = 1", true},
    {"missing.text = a or not missing.text = a", true},
    {"missing.text = a or missing.text != a", false},
    {"exec.only = exec", false},
    {"not exec.only = exec", true},
    {"exec.only exists", false},
};

// Only what any rest of the text would agree with is true; the opposite is not, either.
constexpr Case kCut[] = {
    {"cut.text exists", true},
    {"cut.text = /usr/li", false},
    {"cut.text = /usr/lib", false},
    {"cut.text != /usr/lib", false},
    {"cut.text != /usr/li", true},
    {"cut.text != /etc", true},
    {"cut.text contains usr", true},
    {"cut.text contains lib", false},
    {"cut.text icontains USR", true},
    {"cut.text bcontains 757372", true},
    {"cut.text startswith /usr", true},
    {"cut.text startswith /usr/lib", false},
    {"cut.text bstartswith 2f75", true},
    {"cut.text endswith li", false},
    {"cut.text glob /usr/*", true},
    {"cut.text glob /usr/l?", false},
    {"cut.text glob *i", false},
    {"cut.text regex '/usr/.*'", false},
    {"cut.text in (/usr/li, /usr/lib)", false},
    {"cut.path pmatch (/usr)", true},
    {"cut.path pmatch (/usr/li)", false},
    {"cut.path pmatch (/etc)", false},
    {"cut.path startswith /usr", true},
    {"cut.path endswith li", false},
    {"cut.start endswith libc.so", true},
    {"cut.start endswith /usr/lib/libc.so", false},
    {"cut.start startswith lib", false},
    {"cut.start = lib/libc.so", false},
    {"cut.start != /usr/bin/ls", true},
    {"cut.start != /usr/lib/libc.so", false},
    {"cut.start glob */libc.so", true},
    {"cut.start glob lib/*", false},
    {"cut.start pmatch (/usr)", false},
    {"cut.start contains libc", true},
    {"basename(cut.start) = libc.so", true},
    {"basename(cut.path) exists", false},
    {"len(cut.text) > 0", false},
    {"toupper(cut.text) startswith /USR", true},
    {"toupper(cut.start) endswith LIBC.SO", true},
    {"concat(cut.text, 'x') exists", false},
    {"cut.text = oneof (/usr/lib, /etc)", false},
    {"cut.text startswith oneof (/usr, /usr/lib)", false},
    {"cut.text startswith oneof (/usr, /etc)", true},
    {"cut.text = val(cut.text)", false},
    {"proc.name = val(cut.text)", false},
    {"proc.name != val(cut.text)", false},
    {"cut.list in (ls, -l, /tm, /tmp)", false},
    {"cut.list intersects (-l)", true},
    {"cut.list intersects (/tm)", false},
    {"join(' ', cut.list) exists", false},
    {"len(cut.list) > 1", false},
};
// clang-format on

template <std::size_t kSize>
void check(const Case (&cases)[kSize]) {
  for (const Case& c : cases) {
    EXPECT_EQ(judged(c.expression), c.holds) << c.expression;
    // The same from what is printed, and its opposite from its negation.
    const auto parsed = parse(c.expression);
    ASSERT_TRUE(parsed) << c.expression;
    EXPECT_EQ(judged(print(*parsed)), c.holds) << print(*parsed);
    EXPECT_EQ(judged("not (" + std::string(c.expression) + ")"), !c.holds) << c.expression;
  }
}

TEST(ConformanceTest, Texts) { check(kTexts); }
TEST(ConformanceTest, Patterns) { check(kPatterns); }
TEST(ConformanceTest, Numbers) { check(kNumbers); }
TEST(ConformanceTest, ListsAndFlags) { check(kListsAndFlags); }
TEST(ConformanceTest, Modifiers) { check(kModifiers); }
TEST(ConformanceTest, Transformers) { check(kTransformed); }
TEST(ConformanceTest, Arguments) { check(kArguments); }
TEST(ConformanceTest, Logic) { check(kLogic); }
TEST(ConformanceTest, TextsThatWereCut) { check(kCut); }

TEST(ConformanceTest, MissingAndUnknownMakeEveryComparisonFalse) {
  constexpr std::string_view kOfTexts[] = {
      " = a",          " != a",        " contains ''",    " icontains ''",     " bcontains ''",
      " in (a)",       " glob *",      " bstartswith ''", " startswith ''",    " endswith ''",
      " iglob *",      " regex '.*'",  " pmatch (/)",     " intersects (a)",   " exists",
      " != allof (a)", " = oneof (a)", " != anyof (a)",   " < val(proc.name)", " != val(proc.name)",
  };
  constexpr std::string_view kOfNumbers[] = {
      " = 0",
      " != 0",
      " < 1",
      " <= 0",
      " > -1",
      " >= 0",
      " in (0)",
      " != allof (1)",
      " exists",
      " != val(proc.pid)",
      " intersects (0)",
  };
  constexpr std::string_view kOfLists[] = {" in (a)", " intersects (a)", " exists",
                                           " in val(evt.args)"};
  for (const std::string what : {"missing", "unknown"}) {
    const auto all_false = [](const std::string& comparison) {
      EXPECT_FALSE(judged(comparison)) << comparison;
      EXPECT_TRUE(judged("not " + comparison)) << comparison;
    };
    for (const std::string_view rest : kOfTexts) all_false(what + ".text" + std::string(rest));
    for (const std::string_view rest : kOfNumbers) all_false(what + ".number" + std::string(rest));
    for (const std::string_view rest : kOfLists) all_false(what + ".list" + std::string(rest));
    for (const std::string function : {"tolower", "toupper", "b64", "basename"}) {
      all_false(fmt::format("{}({}.text) != a", function, what));
    }
  }
}

TEST(ConformanceTest, OneConditionJudgesEventsOfSeveralKinds) {
  EXPECT_TRUE(judged("exec.only = exec", WIRE_EXEC));
  EXPECT_TRUE(judged("proc.name = bash", WIRE_EXEC));
  EXPECT_FALSE(judged("proc.name = bash", WIRE_OPEN));
  EXPECT_TRUE(judged("proc.name = bash or fd.name = /etc/nginx/nginx.conf", WIRE_OPEN));
  EXPECT_FALSE(judged("fd.name exists", WIRE_EXEC));
  EXPECT_FALSE(judged("proc.name exists", WIRE_CGROUP));
  EXPECT_FALSE(judged("proc.name exists", 0xffff));
}

}  // namespace
}  // namespace outrider
