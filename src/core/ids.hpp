// The strong ids of the domain. Each is a UUIDv7; see base/id.hpp.

#pragma once

#include "base/id.hpp"

namespace rb::core {

using CustomerId = Id<struct CustomerTag>;
using UserId = Id<struct UserTag>;
using SessionId = Id<struct SessionTag>;
using ApiKeyId = Id<struct ApiKeyTag>;
using CategoryId = Id<struct CategoryTag>;
using GroupId = Id<struct GroupTag>;
using ProductId = Id<struct ProductTag>;
using OrderId = Id<struct OrderTag>;
using PaymentId = Id<struct PaymentTag>;
using RefundId = Id<struct RefundTag>;
using CallbackId = Id<struct CallbackTag>;
using InvoiceId = Id<struct InvoiceTag>;
using InstanceId = Id<struct InstanceTag>;
using LedgerEntryId = Id<struct LedgerEntryTag>;
using BalanceTransactionId = Id<struct BalanceTransactionTag>;
using EventId = Id<struct EventTag>;
using NotificationId = Id<struct NotificationTag>;
using TicketId = Id<struct TicketTag>;
using TicketReplyId = Id<struct TicketReplyTag>;
using NodeId = Id<struct NodeTag>;  // one running server process

}  // namespace rb::core
