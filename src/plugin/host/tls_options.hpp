// The option `tls` of the host modules that call out: #{ ca, cert, key, certificate }, PEM texts.

#pragma once

#include "plugin/http/http_client.hpp"
#include "plugin/json.hpp"

namespace rb::plugin {

// Panics (rune) on an unknown key, a value that is no String, and a `certificate` that is none.
TlsOptions tls_options_of(const Json& options);

}  // namespace rb::plugin
