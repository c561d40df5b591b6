#include "transport/http_routes.hpp"

#include "base/assert.hpp"

#include <algorithm>

namespace rb::transport {
namespace {

bool covers(const HttpRoute& route, std::string_view path) {
    return route.path == path || (route.path.ends_with('/') && path.starts_with(route.path));
}

bool answers(const HttpRoute& route, std::string_view http_method) {
    return route.http_method == http_method ||
           (http_method == "HEAD" && route.http_method == "GET");
}

}  // namespace

void HttpRoutes::add(std::string http_method, std::string path, HttpHandler handler,
                     Execution execution) {
    ASSERT(path.starts_with('/'));
    const bool taken = std::any_of(routes_.begin(), routes_.end(), [&](const HttpRoute& route) {
        return route.http_method == http_method && route.path == path;
    });
    ASSERT(!taken);
    routes_.push_back({std::move(http_method), std::move(path), execution, std::move(handler)});
}

const HttpRoute* HttpRoutes::find(std::string_view http_method, std::string_view path) const {
    const HttpRoute* best = nullptr;
    for (const auto& route : routes_) {
        if (!answers(route, http_method) || !covers(route, path)) continue;
        if (route.path == path) return &route;
        if (best == nullptr || route.path.size() > best->path.size()) best = &route;
    }
    return best;
}

std::string HttpRoutes::allowed_methods(std::string_view path) const {
    std::vector<std::string_view> methods;
    const auto add_once = [&](std::string_view method) {
        if (std::find(methods.begin(), methods.end(), method) == methods.end()) {
            methods.push_back(method);
        }
    };
    for (const auto& route : routes_) {
        if (!covers(route, path)) continue;
        add_once(route.http_method);
        if (route.http_method == "GET") add_once("HEAD");
    }
    if (methods.empty()) return {};
    add_once("OPTIONS");
    std::string allowed;
    for (const auto method : methods) {
        if (!allowed.empty()) allowed += ", ";
        allowed += method;
    }
    return allowed;
}

int http_status_of(GrpcStatus status) {
    // The Connect protocol's table ("Error codes"), which follows google.rpc.Code.
    switch (status) {
        case GrpcStatus::ok:
            return 200;
        case GrpcStatus::cancelled:
            return 499;
        case GrpcStatus::unknown:
            return 500;
        case GrpcStatus::invalid_argument:
            return 400;
        case GrpcStatus::deadline_exceeded:
            return 504;
        case GrpcStatus::not_found:
            return 404;
        case GrpcStatus::already_exists:
            return 409;
        case GrpcStatus::permission_denied:
            return 403;
        case GrpcStatus::resource_exhausted:
            return 429;
        case GrpcStatus::failed_precondition:
            return 400;
        case GrpcStatus::aborted:
            return 409;
        case GrpcStatus::out_of_range:
            return 400;
        case GrpcStatus::unimplemented:
            return 501;
        case GrpcStatus::internal:
            return 500;
        case GrpcStatus::unavailable:
            return 503;
        case GrpcStatus::data_loss:
            return 500;
        case GrpcStatus::unauthenticated:
            return 401;
    }
    return 500;
}

}  // namespace rb::transport
