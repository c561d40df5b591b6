#include "server/http/admin_ui.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <vector>

namespace rb::server {

namespace {

constexpr std::string_view prefix = "/admin/";
// Nothing of other origins, nothing inline, not inside anybody's frame. `data:` serves QR codes;
// frames of our own making show a provider's detail sections.
constexpr std::string_view content_security_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'";

struct ServedFile {
    EmbeddedFile file;
    std::string etag;
};

// FNV-1a, 64 bit: an ETag tells versions apart, it does not withstand an enemy.
std::string etag_of(std::string_view content) {
    std::uint64_t hash = 14695981039346656037ULL;
    for (const char c : content) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    }
    std::array<char, 24> text{};
    std::snprintf(text.data(), text.size(), "\"%016llx\"", static_cast<unsigned long long>(hash));
    return text.data();
}

const ServedFile* find_file(const std::vector<ServedFile>& files, std::string_view path) {
    const auto found =
        std::ranges::find_if(files, [&](const auto& served) { return served.file.path == path; });
    return found == files.end() ? nullptr : &*found;
}

bool has_extension(std::string_view path) {
    const auto slash = path.rfind('/');
    const auto name = slash == std::string_view::npos ? path : path.substr(slash + 1);
    return name.find('.') != std::string_view::npos;
}

Result<transport::Response> answer(transport::CallContext& call, const ServedFile& served) {
    auto& headers = call.response_headers();
    headers.add("etag", served.etag);
    // Always asked again, and mostly answered 304: a new release shows at once.
    headers.add("cache-control", "no-cache");
    headers.add("content-security-policy", content_security_policy);
    headers.add("x-content-type-options", "nosniff");
    headers.add("referrer-policy", "no-referrer");
    const auto known = call.metadata().find("if-none-match");
    if (known && known->find(served.etag) != std::string_view::npos) {
        return transport::Response{.http_status = 304};
    }
    return transport::Response{.content_type = std::string(content_type_of(served.file.path)),
                               .static_body = served.file.content};
}

Result<transport::Response> serve(transport::CallContext& call,
                                  const std::vector<ServedFile>& files) {
    const auto path = call.path().substr(prefix.size());
    const auto* served = find_file(files, path);
    if (served == nullptr && !has_extension(path)) served = find_file(files, "index.html");
    if (served == nullptr) return Error{ErrorCode::not_found, "there is no such file"};
    return answer(call, *served);
}

}  // namespace

std::string_view content_type_of(std::string_view path) {
    struct Type {
        std::string_view extension;
        std::string_view content_type;
    };
    static constexpr std::array<Type, 12> types = {{
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".json", "application/json"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".ico", "image/x-icon"},
        {".webp", "image/webp"},
        {".woff2", "font/woff2"},
        {".map", "application/json"},
        {".txt", "text/plain; charset=utf-8"},
        {".webmanifest", "application/manifest+json"},
    }};
    for (const auto& [extension, content_type] : types) {
        if (path.ends_with(extension)) return content_type;
    }
    return "application/octet-stream";
}

void add_admin_ui(transport::HttpRoutes& routes, std::span<const EmbeddedFile> files,
                  const std::string& version) {
    std::vector<ServedFile> served;
    for (const auto& file : files) served.push_back({file, etag_of(file.content)});

    routes.add(
        "GET", std::string(prefix),
        [served = std::move(served)](transport::CallContext& call) { return serve(call, served); },
        transport::Execution::io_thread);
    routes.add(
        "GET", "/admin",
        [](transport::CallContext& call) -> Result<transport::Response> {
            call.response_headers().add("location", prefix);
            return transport::Response{.http_status = 308};
        },
        transport::Execution::io_thread);
    routes.add(
        "GET", "/admin/version.json",
        [json = "{\"version\":\"" + version +
                "\"}"](transport::CallContext& call) -> Result<transport::Response> {
            call.response_headers().add("cache-control", "no-cache");
            return transport::http_json(200, json);
        },
        transport::Execution::io_thread);
}

}  // namespace rb::server
