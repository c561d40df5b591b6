#include "plugin/libvirt/libvirt_error.hpp"

#include "base/utf8.hpp"

#include "plugin/encoding/text_encoding.hpp"

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include <string>

namespace rb::plugin {

namespace {

ErrorCode code_of(int code, int domain) {
    // The client's own transport: the request may have been carried out before it broke.
    if (domain == VIR_FROM_RPC) return ErrorCode::outcome_unknown;
    switch (code) {
        case VIR_ERR_NO_DOMAIN:
        case VIR_ERR_NO_STORAGE_VOL:
        case VIR_ERR_NO_STORAGE_POOL:
        case VIR_ERR_NO_NETWORK:
        case VIR_ERR_NO_DOMAIN_SNAPSHOT:
        case VIR_ERR_NO_DOMAIN_METADATA:
            return ErrorCode::not_found;
        case VIR_ERR_NO_SUPPORT:
        case VIR_ERR_ARGUMENT_UNSUPPORTED:
            return ErrorCode::unsupported;
        case VIR_ERR_INVALID_ARG:
        case VIR_ERR_XML_ERROR:
        case VIR_ERR_XML_DETAIL:
        case VIR_ERR_XML_INVALID_SCHEMA:
        case VIR_ERR_CONFIG_UNSUPPORTED:
        case VIR_ERR_OPERATION_DENIED:
        case VIR_ERR_ACCESS_DENIED:
        case VIR_ERR_STORAGE_VOL_EXIST:
        case VIR_ERR_DOM_EXIST:
            return ErrorCode::plugin_refused;
        case VIR_ERR_RPC:
        case VIR_ERR_OPERATION_TIMEOUT:
            return ErrorCode::outcome_unknown;
        default:
            return ErrorCode::plugin_failed;
    }
}

void ignore(void*, virErrorPtr) {}

}  // namespace

Error libvirt_error(std::string_view doing) {
    const auto* error = virGetLastError();
    std::string text(doing);
    if (error == nullptr) return {ErrorCode::plugin_failed, text + ": libvirt gave no reason"};
    const std::string_view reason = error->message == nullptr ? "" : error->message;
    text += ": ";
    text += is_utf8(reason) ? reason : "libvirt's reason is not UTF-8";
    return {code_of(error->code, error->domain), std::move(text)};
}

bool last_error_is(int code) {
    return virGetLastErrorCode() == code;
}

void silence_libvirt() {
    virSetErrorFunc(nullptr, ignore);
}

}  // namespace rb::plugin
