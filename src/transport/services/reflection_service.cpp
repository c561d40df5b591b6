#include "transport/services/reflection_service.hpp"

#include <google/protobuf/descriptor.pb.h>
#include <grpc/reflection/v1/reflection.pb.h>
#include <grpc/reflection/v1alpha/reflection.pb.h>

#include <map>
#include <mutex>
#include <set>

namespace rb::transport {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;

const DescriptorPool& pool() {
    return *DescriptorPool::generated_pool();
}

const FileDescriptor* file_of_symbol(const std::string& symbol) {
    return pool().FindFileContainingSymbol(symbol);
}

// A linked file as bytes, written once: files do not change, and the I/O thread has no time to
// write them for every question. Thread-safe.
const std::string& bytes_of(const FileDescriptor& file) {
    static std::mutex mutex;
    static std::map<const FileDescriptor*, std::string> written;
    const std::lock_guard lock(mutex);
    auto& bytes = written[&file];
    if (bytes.empty()) {
        google::protobuf::FileDescriptorProto proto;
        file.CopyTo(&proto);
        bytes = proto.SerializeAsString();
    }
    return bytes;
}

// A file with all it imports, each once, so that a client needs no second question.
template <typename Answer>
void append_files(const FileDescriptor& file, std::set<const FileDescriptor*>& seen, Answer& out) {
    if (!seen.insert(&file).second) return;
    out.add_file_descriptor_proto(bytes_of(file));
    for (int i = 0; i < file.dependency_count(); ++i) {
        append_files(*file.dependency(i), seen, out);
    }
}

template <typename Response>
void answer_file(const FileDescriptor* file, const std::string& what, Response& response) {
    if (file == nullptr) {
        auto& error = *response.mutable_error_response();
        error.set_error_code(static_cast<int>(GrpcStatus::not_found));
        error.set_error_message(what + " is not known here");
        return;
    }
    std::set<const FileDescriptor*> seen;
    append_files(*file, seen, *response.mutable_file_descriptor_response());
}

template <typename Request, typename Response>
void answer_extension(const Request& request, Response& response) {
    const auto& wanted = request.file_containing_extension();
    const auto* type = pool().FindMessageTypeByName(wanted.containing_type());
    const auto* extension =
        type == nullptr ? nullptr : pool().FindExtensionByNumber(type, wanted.extension_number());
    answer_file(extension == nullptr ? nullptr : extension->file(),
                "extension " + std::to_string(wanted.extension_number()) + " of " +
                    wanted.containing_type(),
                response);
}

template <typename Request, typename Response>
void answer_extension_numbers(const Request& request, Response& response) {
    const auto& name = request.all_extension_numbers_of_type();
    const auto* type = pool().FindMessageTypeByName(name);
    if (type == nullptr) return answer_file(nullptr, name, response);
    auto& answer = *response.mutable_all_extension_numbers_response();
    answer.set_base_type_name(name);
    std::vector<const google::protobuf::FieldDescriptor*> extensions;
    pool().FindAllExtensions(type, &extensions);
    for (const auto* extension : extensions) answer.add_extension_number(extension->number());
}

// The two versions differ in their package only.
template <typename Request, typename Response>
Result<std::string> answer(std::string_view bytes, const std::vector<std::string>& services) {
    Request request;
    if (!MethodRegistry::parse(bytes, request)) return MethodRegistry::unreadable(request);
    Response response;
    response.set_valid_host(request.host());
    *response.mutable_original_request() = request;
    switch (request.message_request_case()) {
        case Request::kFileByFilename:
            answer_file(pool().FindFileByName(request.file_by_filename()),
                        request.file_by_filename(), response);
            break;
        case Request::kFileContainingSymbol:
            answer_file(file_of_symbol(request.file_containing_symbol()),
                        request.file_containing_symbol(), response);
            break;
        case Request::kFileContainingExtension:
            answer_extension(request, response);
            break;
        case Request::kAllExtensionNumbersOfType:
            answer_extension_numbers(request, response);
            break;
        case Request::kListServices:
            for (const auto& name : services) {
                response.mutable_list_services_response()->add_service()->set_name(name);
            }
            break;
        case Request::MESSAGE_REQUEST_NOT_SET:
            return Error{ErrorCode::invalid_argument, "message_request: must be set"};
    }
    return response.SerializeAsString();
}

}  // namespace

void add_reflection(MethodRegistry& registry) {
    auto services = registry.services();
    services.emplace_back("grpc.reflection.v1.ServerReflection");
    services.emplace_back("grpc.reflection.v1alpha.ServerReflection");
    registry.add("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
                 PerMessageHandler{[services](CallContext&, std::string_view bytes) {
                     namespace v1 = ::grpc::reflection::v1;
                     return answer<v1::ServerReflectionRequest, v1::ServerReflectionResponse>(
                         bytes, services);
                 }},
                 Execution::io_thread);
    registry.add(
        "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
        PerMessageHandler{[services](CallContext&, std::string_view bytes) {
            namespace v1alpha = ::grpc::reflection::v1alpha;
            return answer<v1alpha::ServerReflectionRequest, v1alpha::ServerReflectionResponse>(
                bytes, services);
        }},
        Execution::io_thread);
}

}  // namespace rb::transport
