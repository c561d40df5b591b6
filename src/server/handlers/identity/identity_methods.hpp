// rustbill.identity.IdentityService.

#pragma once

#include "core/identity/registration_service.hpp"
#include "core/identity/sign_in_service.hpp"
#include "core/ports/log.hpp"
#include "core/second_factor/second_factor_service.hpp"

#include "transport/method_registry.hpp"

namespace rb::server {

// All must outlive the registry's methods.
void add_identity_methods(transport::MethodRegistry& registry, core::SignInService& sign_in,
                          core::RegistrationService& registration, core::Log& log);

// Those of second factors; the service must outlive the registry's methods.
void add_second_factor_methods(transport::MethodRegistry& registry,
                               core::SecondFactorService& factors);

}  // namespace rb::server
