// A plugin's configuration schema and a configuration for it: {"schema": …, "config": …}.

#include "plugin/config_schema.hpp"
#include "plugin/http/address_policy.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace rb::plugin;
    const std::string input(reinterpret_cast<const char*>(data), size);
    static_cast<void>(is_private_address(input));
    if (const auto url = split_url(input)) ASSERT(!url->host.empty());

    const Json json = Json::parse(input, nullptr, false);
    if (!json.is_object() || !json.contains("schema") || !json.contains("config")) return 0;
    const Json& schema = json["schema"];
    if (check_schema(schema).has_error()) return 0;
    static_cast<void>(secret_fields(schema));
    const auto config = apply_schema(schema, json["config"]);
    if (config.has_error()) return 0;
    // What was accepted, with its defaults, is accepted and does not change again.
    const auto again = apply_schema(schema, *config);
    ASSERT(again.has_value() && *again == *config);
    return 0;
}
