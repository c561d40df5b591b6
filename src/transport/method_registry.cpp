#include "transport/method_registry.hpp"

#include <algorithm>
#include <set>

namespace rb::transport {
namespace {

// "/package.Service/Method" as protobuf names it: "package.Service.Method".
std::string full_name_of(std::string_view path) {
    std::string name(path.substr(1));
    std::replace(name.begin(), name.end(), '/', '.');
    return name;
}

bool kind_matches(const google::protobuf::MethodDescriptor& method, const MethodHandler& handler) {
    const bool in = method.client_streaming();
    const bool out = method.server_streaming();
    if (std::holds_alternative<UnaryHandler>(handler)) return !in && !out;
    if (std::holds_alternative<ClientStreamHandler>(handler)) return in && !out;
    if (std::holds_alternative<ServerStreamHandler>(handler)) return !in && out;
    if (std::holds_alternative<SinkHandler>(handler)) return !in && out;
    return in && out;
}

// The last two run where the bytes arrive, by their nature; the blocking streams cannot.
bool execution_matches(Execution execution, const MethodHandler& handler) {
    if (std::holds_alternative<UnaryHandler>(handler)) return true;
    const bool inline_only = std::holds_alternative<PerMessageHandler>(handler) ||
                             std::holds_alternative<SinkHandler>(handler);
    return inline_only == (execution == Execution::io_thread);
}

}  // namespace

MethodRegistry::MethodRegistry() = default;
MethodRegistry::~MethodRegistry() = default;
MethodRegistry::MethodRegistry(MethodRegistry&&) noexcept = default;
MethodRegistry& MethodRegistry::operator=(MethodRegistry&&) noexcept = default;

void MethodRegistry::add(std::string_view path, MethodHandler handler, Execution execution) {
    ASSERT(path.size() > 1 && path.front() == '/');
    const auto* descriptor =
        google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(full_name_of(path));
    ASSERT(descriptor != nullptr);
    ASSERT(kind_matches(*descriptor, handler));
    ASSERT(execution_matches(execution, handler));
    auto method = std::make_unique<Method>(
        Method{std::string(path), descriptor, execution, std::move(handler)});
    const bool added = methods_.emplace(std::string(path), std::move(method)).second;
    ASSERT(added);
}

const Method* MethodRegistry::find(std::string_view path) const {
    const auto found = methods_.find(path);
    return found == methods_.end() ? nullptr : found->second.get();
}

bool MethodRegistry::has_service(std::string_view path) const {
    const auto service = path.substr(0, path.rfind('/'));
    return std::any_of(methods_.begin(), methods_.end(), [&](const auto& entry) {
        const std::string_view known = entry.first;
        return known.substr(0, known.rfind('/')) == service;
    });
}

std::vector<const Method*> MethodRegistry::all() const {
    std::vector<const Method*> all;
    all.reserve(methods_.size());
    for (const auto& [path, method] : methods_) all.push_back(method.get());
    std::sort(all.begin(), all.end(),
              [](const Method* a, const Method* b) { return a->path < b->path; });
    return all;
}

std::vector<std::string> MethodRegistry::services() const {
    std::set<std::string> names;
    for (const auto& [path, method] : methods_) {
        names.insert(method->descriptor->service()->full_name());
    }
    return {names.begin(), names.end()};
}

bool MethodRegistry::parse(std::string_view bytes, google::protobuf::MessageLite& message) {
    return message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

Error MethodRegistry::unreadable(const google::protobuf::Message& message) {
    return {ErrorCode::invalid_argument,
            "the request is not a " + message.GetDescriptor()->full_name() + " message"};
}

std::string MethodRegistry::serialize(const google::protobuf::MessageLite& message) {
    return message.SerializeAsString();
}

}  // namespace rb::transport
