#include "plugin/http/http_client.hpp"

#include "base/assert.hpp"

namespace rb::plugin {

std::string_view HttpResponse::header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
        if (key == name) return value;
    }
    return {};
}

void throw_exception_from_error(const HttpFailure& failure, const boost::source_location& where) {
    assertion_failed(failure.message.c_str(), where.file_name(), static_cast<int>(where.line()));
}

}  // namespace rb::plugin
