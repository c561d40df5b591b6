// Services: the use cases of core, wired to the ports of this process.

#pragma once

#include "core/api_key/api_key_service.hpp"
#include "core/billing/billing_run.hpp"
#include "core/billing/invoice_delivery.hpp"
#include "core/billing/invoice_service.hpp"
#include "core/billing/invoice_settler.hpp"
#include "core/catalogue/category_service.hpp"
#include "core/catalogue/group_service.hpp"
#include "core/catalogue/product_service.hpp"
#include "core/catalogue/upstream_service.hpp"
#include "core/customer/customer_service.hpp"
#include "core/event/event_worker.hpp"
#include "core/housekeeping/housekeeping.hpp"
#include "core/identity/authenticator.hpp"
#include "core/identity/registration_service.hpp"
#include "core/identity/sign_in_service.hpp"
#include "core/identity/user_service.hpp"
#include "core/instance/instance_service.hpp"
#include "core/instance/orphan_sweep.hpp"
#include "core/instance/provisioning.hpp"
#include "core/instance/reconciler.hpp"
#include "core/ledger/balance_service.hpp"
#include "core/notification/notification_sender.hpp"
#include "core/order/order_service.hpp"
#include "core/payment/pay_out_refund.hpp"
#include "core/payment/payment_service.hpp"
#include "core/second_factor/second_factor_service.hpp"
#include "core/ticket/ticket_service.hpp"

#include "server/app/foundation.hpp"
#include "server/workers/notice_delivery.hpp"

namespace rb::server {

// Members stand in the order they need one another.
struct Services {
    // REQUIRES: the foundation's database is open; both outlive the services
    Services(const config::Config& config, Foundation& foundation, core::PluginDirectory& plugins);

    core::Authenticator authenticator;
    core::SecondFactorGate second_factor_gate;
    core::SignInService sign_in;
    core::SecondFactorService second_factors;
    core::RegistrationService registration;
    core::UserService users;
    core::ApiKeyService api_keys;
    core::CustomerService customers;
    core::CategoryService categories;
    core::GroupService groups;
    core::ProductService products;
    core::UpstreamService upstreams;
    core::TicketService tickets;

    core::InvoiceSettler invoice_settlement;
    core::PaymentService payments;
    core::OrderService orders;
    core::BalanceService balances;
    core::InvoiceService invoices;
    core::BillingRun billing_run;
    core::InstanceService instances;
    core::EventService events;
    core::NotificationSender notifications;
    core::Housekeeping housekeeping;

    // The handlers of events.
    core::ProvisionOrder provision_order;
    core::Reconciler reconciler;
    core::OrphanSweep orphan_sweep;
    core::InvoiceDelivery invoice_delivery;
    core::PayOutRefund refund_payout;
    NoticeDelivery notice_delivery;

    [[nodiscard]] core::EventWorker::Handlers event_handlers();
};

// [session] in core's words. REQUIRES: check_config found nothing wrong
core::SessionSettings session_settings(const config::SessionConfig& session);

// What customers and gateways reach us by: [server].public_url, else where we listen.
std::string public_url(const config::ServerConfig& server);

}  // namespace rb::server
