// The part of JSON Schema that plugin configurations are described and checked with.
//
// Understood: type (object, string, integer, boolean, array), title, description, default, enum,
// properties, required, minLength, maxLength, minimum, maximum, format (uri, hostname, email, pem,
// port), items, minItems, maxItems, secret, writeOnly, and keywords starting with "x-". Any other
// keyword, and one that says nothing about its type, makes the schema invalid: a rule that would
// silently not be checked is worse than none. A default and each value of an enum keep the rules
// they stand beside.
//
// Unlike plain JSON Schema, fields that `properties` does not name are refused. `"secret": true`
// (or writeOnly) marks a string, of the top object or of an object within it, that is stored sealed
// and never shown.

#pragma once

#include "base/result.hpp"

#include "plugin/json.hpp"

#include <string>
#include <vector>

namespace rb::plugin {

// ERRORS: invalid_argument  field "config_schema", with the path and the rule
Result<> check_schema(const Json& schema);

// The object in the text, which no schema has seen yet; empty means {}.
// ERRORS: invalid_argument  field "config": no JSON object, larger than config_bytes_max, or nested
//                           deeper than config_depth_max
Result<Json> parse_config(const std::string& text);

// The configuration with defaults filled in. `schema` has passed check_schema().
// ERRORS: invalid_argument  field: the path in the configuration ("smtp.port"), message: the rule
Result<Json> apply_schema(const Json& schema, const Json& config);

// Paths of the secret fields, as JSON pointers ("/password", "/tls/key").
std::vector<Json::json_pointer> secret_fields(const Json& schema);

// The schema node of a field of the top object; null when it has none of that name.
const Json* schema_field(const Json& schema, const std::string& name);

}  // namespace rb::plugin
