#include "plugin/libvirt/libvirt_uri.hpp"

#include "plugin/limits.hpp"

#include <libxml/uri.h>

#include <memory>
#include <string_view>

namespace rb::plugin {

namespace {

using Uri = std::unique_ptr<xmlURI, decltype(&xmlFreeURI)>;

std::string_view text_of(const char* text) {
    return text == nullptr ? std::string_view() : text;
}

Error breaks(const std::string& rule) {
    return invalid_field("uri", rule);
}

Result<> check_option(std::string_view option, std::string_view transport) {
    const auto equals = option.find('=');
    const auto name = option.substr(0, equals);
    const bool is_known =
        (name == "socket" && transport == "unix") || (name == "pkipath" && transport == "tls");
    if (!is_known) return breaks("has an option that its transport does not take");
    if (equals == std::string_view::npos || !option.substr(equals + 1).starts_with('/')) {
        return breaks("needs an absolute path in its option");
    }
    return {};
}

Result<> check_options(std::string_view query, std::string_view transport) {
    while (!query.empty()) {
        const auto end = query.find('&');
        TRY(check_option(query.substr(0, end), transport));
        query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
    }
    return {};
}

}  // namespace

Result<> check_libvirt_uri(const std::string& uri) {
    if (uri.empty()) return breaks("is missing");
    if (uri.size() > libvirt_uri_bytes_max) {
        return breaks("must be at most " + std::to_string(libvirt_uri_bytes_max) + " bytes");
    }
    // Percent-encoding would let a byte pass here that libvirt sees decoded, and a ';' an option:
    // libvirt divides options there too.
    if (uri.find_first_of(std::string_view("%;\0", 3)) != std::string::npos) {
        return breaks("must not hold encoded characters or ';'");
    }
    const Uri parsed(xmlParseURI(uri.c_str()), xmlFreeURI);
    if (parsed == nullptr) return breaks("is not a URI");
    const auto scheme = text_of(parsed->scheme);
    const auto plus = scheme.find('+');
    const auto driver = scheme.substr(0, plus);
    const auto transport =
        plus == std::string_view::npos ? std::string_view() : scheme.substr(plus + 1);
    if (driver != "qemu" && driver != "test") return breaks("must be of the driver qemu or test");
    if (!transport.empty() && transport != "unix" && transport != "tls") {
        return breaks("must be local, or of the transport unix or tls");
    }
    if (text_of(parsed->path) != (driver == "qemu" ? "/system" : "/default")) {
        return breaks("must end in /system for qemu, /default for test");
    }
    const auto host = text_of(parsed->server);
    if (!text_of(parsed->user).empty() || parsed->fragment != nullptr) {
        return breaks("must not hold a user or a fragment");
    }
    if ((transport == "tls") == host.empty()) {
        return breaks("must name a host for the transport tls, and for no other");
    }
    return check_options(text_of(parsed->query_raw), transport);
}

}  // namespace rb::plugin
