// What plugins are sent by strangers, as text: XML, form bodies, base64, hexadecimal, percent
// escapes, times. What is read must be writable, and be read as the same again.

#include "plugin/encoding/text_encoding.hpp"
#include "plugin/encoding/xml.hpp"
#include "plugin/time_text.hpp"

#include <cstddef>
#include <cstdint>

namespace {

using namespace rb::plugin;

void check_xml(std::string_view text) {
    const auto element = xml_parse(text);
    if (element.has_error()) return;
    const auto written = xml_write(*element);
    ASSERT(written.has_value());
    const auto again = xml_parse(*written);
    ASSERT(again.has_value() && *again == *element);
}

void check_form(std::string_view text) {
    const auto fields = form_decode(text);
    if (fields.has_error()) return;
    const auto again = form_decode(form_encode(*fields));
    ASSERT(again.has_value() && *again == *fields);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    check_xml(input);
    check_form(input);
    ASSERT(*base64_decode(base64_encode(input)) == input);
    ASSERT(*base64_decode(base64_encode(input, Base64Form::url_safe)) == input);
    ASSERT(*hex_decode(hex_encode(input)) == input);
    ASSERT(*url_decode(url_encode(input)) == input);
    if (const auto bytes = base64_decode(input); bytes.has_value()) {
        ASSERT(*base64_decode(base64_encode(*bytes)) == *bytes);
    }
    static_cast<void>(hex_decode(input));
    static_cast<void>(url_decode(input));
    if (const auto seconds = parse_rfc3339(input); seconds.has_value()) {
        const auto shown = format_time(*seconds, "%Y-%m-%dT%H:%M:%SZ", 0);
        if (shown.has_value()) ASSERT(*parse_rfc3339(*shown) == *seconds);
    }
    return 0;
}
