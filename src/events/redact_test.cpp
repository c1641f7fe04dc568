// SPDX-License-Identifier: Apache-2.0
#include "events/redact.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace outrider {
namespace {

using namespace std::string_view_literals;

// Test cases have '|' where arguments have a NUL; "||" is a '|'.
std::string arguments_of(std::string_view written) {
  std::string arguments;
  for (std::size_t i = 0; i < written.size(); ++i) {
    if (written.substr(i, 2) == "||") {
      arguments += '|';
      ++i;
    } else {
      arguments += written[i] == '|' ? '\0' : written[i];
    }
  }
  return arguments + '\0';
}

struct Case {
  std::string_view arguments;
  std::string_view expected;
};

void expect_redacted(const Case& c) {
  const std::string arguments = arguments_of(c.arguments);
  const std::string redacted = redact_arguments(arguments).value_or(arguments);
  EXPECT_EQ(redacted, arguments_of(c.expected));
  EXPECT_EQ(redact_arguments(redacted), std::nullopt) << "again: " << c.expected;
}

constexpr Case kOptionsAndVariables[] = {
    {"app|--password=hunter2|-v", "app|--password=***|-v"},
    {"app|--password|hunter2|-v", "app|--password|***|-v"},
    {"app|-password|hunter2", "app|-password|***"},
    {"app|--password=with space & more; all|x", "app|--password=***|x"},
    {"app|--db.password=x", "app|--db.password=***"},
    {"app|--dbPassword=x", "app|--dbPassword=***"},
    {"app|--client-secret|x", "app|--client-secret|***"},
    {"app|--api-key=x|--api_key=y|--apikey=z", "app|--api-key=***|--api_key=***|--apikey=***"},
    {"app|--access-key|x|--private-key|y", "app|--access-key|***|--private-key|***"},
    {"app|--credentials=x|--auth=y|--oauth2-bearer|z",
     "app|--credentials=***|--auth=***|--oauth2-bearer|***"},
    {"java|-Ddb.password=x|-Dtoken=y|Main", "java|-Ddb.password=***|-Dtoken=***|Main"},
    {"env|PGPASSWORD=x|MYSQL_PWD=y|psql", "env|PGPASSWORD=***|MYSQL_PWD=***|psql"},
    {"env|GITHUB_TOKEN=x|AWS_SECRET_ACCESS_KEY=y/z+=|make",
     "env|GITHUB_TOKEN=***|AWS_SECRET_ACCESS_KEY=***|make"},
    {"env|authToken=x|ACCESSTOKEN=y", "env|authToken=***|ACCESSTOKEN=***"},
    {"app|--dbPass=x|--myAuth|y", "app|--dbPass=***|--myAuth|***"},
    {"snmpwalk|-v2c|-c|public|host", "snmpwalk|-v2c|-c|***|host"},
    {"app|--token|-c|app password=a b", "app|--token|-c|app password=*** b"},
    {"sshpass|-p|-c|app password=a;b c", "sshpass|-p|***|app password=*** c"},
    {"docker|run|-e|DB_PASS=x|--env=TOKEN=y|img", "docker|run|-e|DB_PASS=***|--env=TOKEN=***|img"},
    {"kubectl|create|secret|generic|s|--from-literal=password=x",
     "kubectl|create|secret|generic|s|--from-literal=password=***"},
    {"openssl|rsa|-passin|pass:x|-in|k.pem", "openssl|rsa|-passin|***|-in|k.pem"},
    {"mount|-o|username=bob,password=x,vers=3", "mount|-o|username=bob,password=***,vers=3"},
    {"psql|host=db password=x dbname=d", "psql|host=db password=*** dbname=d"},
    {"psql|host=db password='x y' dbname=d", "psql|host=db password='***' dbname=d"},
    {"psql|host=db password = x dbname=d", "psql|host=db password = *** dbname=d"},
    {"app|--private-key|-----BEGIN KEY----- x", "app|--private-key|***"},
    // An option that takes no value here, or is the last.
    {"mysql|--password|--user|bob|db", "mysql|--password|--user|bob|db"},
    {"app|--token|--|file", "app|--token|--|file"},
    {"app|--password", "app|--password"},
    {"app|--password=|x", "app|--password=|x"},
    {"http|POST|h|password:=x", "http|POST|h|password:=***"},
};

constexpr Case kHarmless[] = {
    {"ls|-l|/etc/passwd", ""},
    {"cat|/run/secrets/token", ""},
    {"gcc|-c|-O2|-Wall|-DNAME=value|-Iinclude|src/token.c|-o|token.o", ""},
    {"git|commit|--author=Bob <b@x>|-m|auth: fix login", ""},
    {"git|log|--author|bob", ""},
    {"app|--token-count=5|--max-tokens=100|--tokenizer=bpe|--tokenize", ""},
    {"app|--token-count|5|--max-tokens|100", ""},
    {"app|--password-file=/run/p|--passwd-file|/run/q|--token-ttl=1h|--secret-name=s", ""},
    {"app|--auth-type=basic|--authority=x|--authors=y|--auth-url=u", ""},
    {"app|--no-password|db|--enable-auth|now|--skip-token-check=x", ""},
    {"psql|--no-password|db", ""},
    {"env|PWD=/home|OLDPWD=/tmp|make", ""},
    {"app|--pwdx=1|--compass=n|--bypass=1|--monkey=1|--keyboard=us", ""},
    {"docker|run|-p|80:80|-v|secrets:/run/secrets|registry/token:latest", ""},
    {"docker|run|-ptoken:80|img", ""},
    {"ssh|-p|22|host", ""},
    {"ssh|git@host|ls", ""},
    {"git|clone|https://host:8443/a@b|ssh://git@host/x", ""},
    {"curl|http://[::1]:80/@x|http://h:80/p@q", ""},
    {"curl|-u|bob|-o|out|https://h/", ""},
    {"mysql|-u|root|-p|db", ""},
    {"tar|-pxzf|a.tgz", ""},
    {"cp|-pr|a|b", ""},
    {"sh|-c|cp -pr a b; mkdir -p c", ""},
    {"grep|bearer|file", ""},
    {"sh|-c|mysql db; tar -pxzf a.tgz", ""},
    {"", ""},
    {"|", ""},
    {"a=b|c:d|e: f|=|:|==|::|\"=\"|': '", ""},
};

constexpr Case kUrlsAndDocuments[] = {
    {"git|clone|https://bob:x@host/r.git", "git|clone|https://bob:***@host/r.git"},
    {"app|postgres://u:p@ss@host:5432/db?sslmode=off",
     "app|postgres://u:***@host:5432/db?sslmode=off"},
    {"app|redis://:x@host/0", "app|redis://:***@host/0"},
    {"app|--url=amqp://u:x@h/|y", "app|--url=amqp://u:***@h/|y"},
    {"app|postgres://u:a/b#c@h/db", "app|postgres://u:***@h/db"},
    {"app|one=http://a:b@c,two=http://d:e@f", "app|one=http://a:***@c,two=http://d:***@f"},
    {"app|http://a:b@c http://d:e@f", "app|http://a:***@c http://d:***@f"},
    {"curl|https://h/p?user=bob&token=x&z=1#f", "curl|https://h/p?user=bob&token=***&z=1#f"},
    {"curl|https://h/p?api_key=x", "curl|https://h/p?api_key=***"},
    {"curl|-d|user=bob&password=x&y=1", "curl|-d|user=bob&password=***&y=1"},
    {"curl|-d|{\"user\":\"bob\",\"password\":\"x y\",\"n\":1}",
     "curl|-d|{\"user\":\"bob\",\"password\":\"***\",\"n\":1}"},
    {"curl|-d|{\"password\" : \"a\\\"b\"}", "curl|-d|{\"password\" : \"***\"}"},
    {"curl|-d|{\\\"token\\\":\\\"x\\\",\\\"n\\\":1}",
     "curl|-d|{\\\"token\\\":\\\"***\\\",\\\"n\\\":1}"},
    {"curl|-d|{\"pin\":1,\"secret\":1234,\"n\":2}", "curl|-d|{\"pin\":1,\"secret\":***,\"n\":2}"},
    {"curl|-d|{\"auth\":{\"user\":\"bob\",\"password\":\"x\"}}",
     "curl|-d|{\"auth\":{\"user\":\"bob\",\"password\":\"***\"}}"},
    {"app|{'password': 'x', 'n': 1}", "app|{'password': '***', 'n': 1}"},
    {"app|password: x", "app|password: ***"},
    {"app|Server=h;Uid=sa;Pwd=x;Timeout=3", "app|Server=h;Uid=sa;Pwd=***;Timeout=3"},
    {"mysql|-e|ALTER USER u IDENTIFIED BY 'x'", "mysql|-e|ALTER USER u IDENTIFIED BY '***'"},
    {"psql|-c|ALTER USER u PASSWORD 'x y' VALID", "psql|-c|ALTER USER u PASSWORD '***' VALID"},
};

constexpr Case kHeaderArguments[] = {
    {"curl|-H|Authorization: Bearer x.y.z|u", "curl|-H|Authorization: ***|u"},
    {"curl|-H|authorization:Basic eA==|u", "curl|-H|authorization:***|u"},
    {"curl|-H|X-Api-Key: x|-H|X-Vault-Token:y", "curl|-H|X-Api-Key: ***|-H|X-Vault-Token:***"},
    {"curl|-H|Cookie: a=b; c=d|-H|Accept: */*", "curl|-H|Cookie: ***|-H|Accept: */*"},
    {"wget|--header=Authorization: Bearer x|u", "wget|--header=Authorization: ***|u"},
    {"wget|--header|PRIVATE-TOKEN: x", "wget|--header|PRIVATE-TOKEN: ***"},
    {"app|GET / with Bearer x, and more", "app|GET / with Bearer ***, and more"},
    {"app|X-Custom: Bearer x", "app|X-Custom: Bearer ***"},
};

constexpr Case kPrograms[] = {
    {"mysql|-uroot|-phunter2|db", "mysql|-uroot|-p***|db"},
    {"/usr/bin/mysqldump|-phunter2", "/usr/bin/mysqldump|-p***"},
    {"sudo|-u|x|mariadb|-phunter2", "sudo|-u|x|mariadb|-p***"},
    {"sshpass|-p|x|ssh|-p|22|host", "sshpass|-p|***|ssh|-p|22|host"},
    {"sshpass|-px|scp|-p|a|h:b", "sshpass|-p***|scp|-p|a|h:b"},
    {"curl|-u|bob:x|u", "curl|-u|bob:***|u"},
    {"curl|-ubob:x|u", "curl|-ubob:***|u"},
    {"curl|-sSu|bob:x:y|u", "curl|-sSu|bob:***|u"},
    {"curl|--user|bob:x|--proxy-user=p:y", "curl|--user|bob:***|--proxy-user=p:***"},
    {"redis-cli|-a|--|ping", "redis-cli|-a|--|ping"},
    {"app|a token: x/mysql|-p80:80", "app|a token: ***|-p80:80"},
    {"redis-cli|-a|x|ping", "redis-cli|-a|***|ping"},
    {"ldapsearch|-x|-D|cn=admin|-w|x", "ldapsearch|-x|-D|cn=admin|-w|***"},
    {"smbclient|//h/s|-U|bob%x", "smbclient|//h/s|-U|bob%***"},
    {"docker|login|-u|bob|-p|x|reg", "docker|login|-u|bob|-p|***|reg"},
    {"7z|a|-px|o.7z", "7z|a|-p***|o.7z"},
    {"mongosh|-u|a|-p|-x|db", "mongosh|-u|a|-p|***|db"},
};

constexpr Case kScripts[] = {
    {"sh|-c|PGPASSWORD=x psql -c 'select 1'", "sh|-c|PGPASSWORD=*** psql -c 'select 1'"},
    {"bash|-lc|mysql -uroot -px db && ls", "bash|-lc|mysql -uroot -p*** db && ls"},
    {"bash|-c|mysql -p'x y' db", "bash|-c|mysql -p'***' db"},
    {"bash|-c|app --password 'x y' --token \"z\" -v",
     "bash|-c|app --password '***' --token \"***\" -v"},
    {"bash|-c|app --password x; ls", "bash|-c|app --password ***; ls"},
    {"bash|-c|app --password='x y' z", "bash|-c|app --password='***' z"},
    {"bash|-c|curl -H \"Authorization: Bearer x\" http://h",
     "bash|-c|curl -H \"Authorization: ***\" http://h"},
    {"bash|-c|curl -u bob:x h||grep y", "bash|-c|curl -u bob:*** h||grep y"},
    {"bash|-c|curl 'http://h/?token=x&y=1'", "bash|-c|curl 'http://h/?token=***&y=1'"},
    {"bash|-c|curl -d '{\"password\": \"x\"}' h", "bash|-c|curl -d '{\"password\": \"***\"}' h"},
    {"ssh|host|mysql -px db", "ssh|host|mysql -p*** db"},
    {"bash|-c|bash -c 'mysql -px'", "bash|-c|bash -c 'mysql -p***'"},
    {"bash|-c|sshpass -p x ssh -p 22 h", "bash|-c|sshpass -p *** ssh -p 22 h"},
    {"python3|-c|password = 'x'\nprint(1)", "python3|-c|password = '***'\nprint(1)"},
    {"bash|-c|echo \"token=\"", "bash|-c|echo \"token=\""},
};

TEST(RedactTest, MasksOptionsAndVariables) {
  for (const Case& c : kOptionsAndVariables) expect_redacted(c);
}

TEST(RedactTest, LeavesTheHarmlessAlone) {
  for (const Case& c : kHarmless) {
    EXPECT_EQ(redact_arguments(arguments_of(c.arguments)), std::nullopt) << c.arguments;
  }
}

TEST(RedactTest, MasksInUrlsAndDocuments) {
  for (const Case& c : kUrlsAndDocuments) expect_redacted(c);
}

TEST(RedactTest, MasksHeaders) {
  for (const Case& c : kHeaderArguments) expect_redacted(c);
}

TEST(RedactTest, KnowsTheOptionsOfPrograms) {
  for (const Case& c : kPrograms) expect_redacted(c);
}

TEST(RedactTest, ReadsScripts) {
  for (const Case& c : kScripts) expect_redacted(c);
}

TEST(RedactTest, TakesListsThatWereCut) {
  EXPECT_EQ(redact_arguments("app\0--password=hun"sv), "app\0--password=***"sv);
  EXPECT_EQ(redact_arguments("app\0--password\0hun"sv), "app\0--password\0***"sv);
  EXPECT_EQ(redact_arguments("app\0--password"sv), std::nullopt);
  EXPECT_EQ(redact_arguments(""), std::nullopt);
}

TEST(RedactTest, TakesBytesThatAreNotText) {
  EXPECT_EQ(redact_arguments("\xff\0--token=\x80\xff\0\x01"sv), "\xff\0--token=***\0\x01"sv);
}

// As long as arguments can be: where the time grew with the square of the size, ctest's limit
// would end this.
TEST(RedactTest, TakesTheLongestArguments) {
  constexpr std::size_t kSize = 128 * 1024;
  constexpr std::string_view kPieces[] = {
      "a",          "=",           ":",
      " ",          "\"",          "'",
      "\\",         "\\\"",        "\0"sv,
      "a=",         "token=",      "token:",
      "\"token\":", "token=\"",    "://",
      "x://a:",     "x://a:@",     "bearer ",
      "-",          "--token\0"sv, "mysql\0-p"sv,
      "-c\0a "sv,   "password = ", "sh\0-c\0\"token=\\"sv,
      "token='",    "&token=",     "identified by '",
  };
  for (std::string_view piece : kPieces) {
    for (std::string_view prefix : {""sv, "sh\0-c\0"sv}) {
      std::string arguments(prefix);
      while (arguments.size() < kSize) arguments += piece;
      const std::string redacted = redact_arguments(arguments).value_or(arguments);
      EXPECT_LE(redacted.size(), 3 * arguments.size());
      EXPECT_EQ(std::ranges::count(redacted, '\0'), std::ranges::count(arguments, '\0'));
      EXPECT_EQ(redact_arguments(redacted), std::nullopt) << piece;
    }
  }
}

}  // namespace
}  // namespace outrider
