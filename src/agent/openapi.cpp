// SPDX-License-Identifier: Apache-2.0
#include "agent/openapi.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "api/parameters.h"
#include "api/server.h"
#include "streams/trace_request.h"

namespace outrider {

namespace {

using Json = nlohmann::ordered_json;

// What is no command's.
struct Plain {
  std::string_view method;
  std::string_view path;
  std::string_view summary;
  std::string_view type;
  bool has_id = false;
  bool is_admin = false;
};
constexpr std::string_view kPlainText = "text/plain";
constexpr std::string_view kJsonText = "application/json";
constexpr std::string_view kJsonLines = "application/x-ndjson";
constexpr Plain kPlain[] = {
    {"get", "/healthz", "Whether the agent does its work. Also on the loopback.", kPlainText},
    {"get", "/readyz", "Whether it can be asked. Also on the loopback.", kPlainText},
    {"get", "/metrics", "Metrics for Prometheus. Also on the loopback.", kPlainText},
    {"get", "/v1/openapi.json", "This document.", kJsonText},
    {"get", "/v1/agent", "The agent: its process, account, budget and streams.", kJsonText},
    {"get", "/v1/streams", "The streams that are read now, each with its account.", kJsonLines},
    {"get", "/v1/streams/{id}", "One of them. Its number is in the header Outrider-Stream.",
     kJsonText, true},
    {"post", "/v1/reload", "Reads the configuration again, as SIGHUP does. Only on admin.sock.",
     kJsonText, false, true},
};

Json error_response(std::string_view description) {
  return {
      {"description", description},
      {"content", {{"application/json", {{"schema", {{"$ref", "#/components/schemas/Error"}}}}}}}};
}

Json content(std::initializer_list<std::string_view> types) {
  Json json;
  for (const std::string_view type : types) json[type] = {{"schema", {{"type", "string"}}}};
  return json;
}

Json responses(std::initializer_list<std::string_view> types, std::string_view description) {
  return {{"200", {{"description", description}, {"content", content(types)}}},
          {"400", error_response("the request is wrong")},
          {"500", error_response("it could not be done")}};
}

Json schema_of(const CLI::Option& option) {
  if (option.get_expected_max() == 0) return {{"type", "boolean"}};
  // Lists may be repeated, or have commas between their values.
  if (option.get_expected_max() > 1 || option.get_delimiter() != '\0') {
    return {{"type", "array"}, {"items", {{"type", "string"}}}};
  }
  return {{"type", "string"}};
}

Json parameter(std::string_view name, std::string_view description, const Json& schema) {
  return {{"name", name}, {"in", "query"}, {"description", description}, {"schema", schema}};
}

Json parameters_of(const CommandLine& line) {
  Json parameters = Json::array();
  for (const CLI::Option* option : line.options().get_options()) {
    const std::string name = parameter_name(*option);
    if (name == "help") continue;
    parameters.push_back(parameter(name, option->get_description(), schema_of(*option)));
  }
  parameters.push_back(parameter("width",
                                 "columns of the terminal; without it lines are as long "
                                 "as they are",
                                 {{"type", "integer"}}));
  parameters.push_back(parameter("color", "whether it wants colours", {{"type", "boolean"}}));
  parameters.push_back(parameter("word",
                                 "a word of the command line as it is typed, instead of the "
                                 "parameters above",
                                 {{"type", "array"}, {"items", {{"type", "string"}}}}));
  return parameters;
}

Json operation_of(std::string_view name, const CommandLine& line,
                  std::initializer_list<std::string_view> types) {
  return {{"summary", line.options().get_description()},
          {"operationId", name},
          {"parameters", parameters_of(line)},
          {"responses", responses(types, "what the command writes")}};
}

}  // namespace

std::string openapi_document(std::span<const ServedCommand* const> commands,
                             std::span<const ServedStream* const> streams) {
  Json paths;
  paths["/v1/trace"]["get"] = operation_of(
      "trace", *describe<TraceRequest>(), {"text/plain", "application/x-ndjson", kMultiplexedType});
  for (const ServedCommand* command : commands) {
    paths[fmt::format("/v1/{}", command->name)]["get"] =
        operation_of(command->name, *command->describe(), {"text/plain", kMultiplexedType});
  }
  for (const ServedStream* stream : streams) {
    paths[fmt::format("/v1/{}", stream->name)]["get"] =
        operation_of(stream->name, *stream->describe(),
                     {"text/plain", "application/x-ndjson", kMultiplexedType});
  }
  for (const Plain& plain : kPlain) {
    Json operation = {{"summary", plain.summary}, {"responses", responses({plain.type}, "done")}};
    if (plain.has_id) {
      operation["parameters"] = Json::array({{{"name", "id"},
                                              {"in", "path"},
                                              {"required", true},
                                              {"schema", {{"type", "integer"}}}}});
      operation["responses"]["404"] = error_response("there is no such stream");
    }
    if (plain.is_admin) operation["responses"]["403"] = error_response("not on this socket");
    paths[plain.path][plain.method] = operation;
  }
  Json document = {
      {"openapi", "3.0.3"},
      {"info",
       {{"title", "Outrider"},
        {"version", OUTRIDER_VERSION},
        {"description",
         "What `outrider` shows, over Unix sockets: /run/outrider/observe.sock to read, "
         "/run/outrider/admin.sock to change. Parameters are the options of the commands."}}},
      {"paths", paths}};
  document["components"]["schemas"]["Error"] = {
      {"type", "object"},
      {"required", {"error", "exit_code"}},
      {"properties",
       {{"error", {{"type", "string"}, {"description", "what happened, and what to do"}}},
        {"exit_code",
         {{"type", "integer"}, {"description", "as a command's: 1 failed, 2 wrong"}}}}}};
  return document.dump(2) + "\n";
}

}  // namespace outrider
