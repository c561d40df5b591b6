#include "plugin/host/http_sending.hpp"

#include "plugin/limits.hpp"

#include <algorithm>

namespace rb::plugin {

const HttpError* http_error_of(rune::Vm& vm, rune::Value value) {
    const auto* type = vm.context().type_of_cpp(typeid(HttpError));
    if (type == nullptr || !vm.is_type(value, *type)) return nullptr;
    return &vm.native_of<HttpError>(value);
}

std::variant<HttpResponse, HttpError> send_for_call(CallState& state, const HttpRequest& request,
                                                    bool is_repeatable) {
    if (++state.http_requests > http_requests_per_call_max) {
        return HttpError{"failed", "more than 50 HTTP requests in one call"};
    }
    auto result = state.world->http.send(request, state.policy);
    if (result.has_error()) {
        const auto& failure = result.error();
        if (failure.is_refusal) return HttpError{"refused", failure.message};
        if (failure.delivery == Delivery::not_sent || is_repeatable) {
            return HttpError{"failed", failure.message};
        }
        state.may_have_acted = true;
        return HttpError{"unknown", failure.message};
    }
    if (!is_repeatable) state.may_have_acted = true;
    return std::move(*result);
}

std::chrono::milliseconds timeout_for_call(const CallState& state,
                                           std::chrono::milliseconds wanted) {
    return std::min({wanted, http_timeout_max, state.time_left()});
}

}  // namespace rb::plugin
