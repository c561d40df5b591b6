#include "transport/layer.hpp"

namespace rb::transport {

Response http_text(int status, std::string text) {
    return {.http_status = status,
            .content_type = "text/plain; charset=utf-8",
            .body = std::move(text)};
}

Response http_json(int status, std::string json) {
    return {.http_status = status, .content_type = "application/json", .body = std::move(json)};
}

Result<Response> Next::operator()(CallContext& call) const {
    if (rest_.empty()) return terminal_->run(call);
    return rest_.front()->handle(call, Next(rest_.subspan(1), *terminal_));
}

}  // namespace rb::transport
