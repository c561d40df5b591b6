#include "server/handlers/event/event_methods.hpp"

#include "server/handlers/caller.hpp"
#include "server/handlers/wire_values.hpp"

#include <rustbill/integration.pb.h>

namespace rb::server {

namespace integration_wire = rustbill::integration;
using transport::CallContext;

namespace {

void fill(const core::Event& event, integration_wire::EventInfo& info) {
    info.set_id(event.id.to_string());
    info.set_kind(std::string(core::name_of(event.kind)));
    info.set_subject_id(event.subject.to_string());
    info.set_attempts(static_cast<std::uint32_t>(event.attempts));
    info.set_last_error(event.last_error);
    info.set_created_at(time_text(event.created_at));
}

Result<integration_wire::ListDeadEventsResponse> list_dead(
    core::EventService& events, const integration_wire::ListDeadEventsRequest& request) {
    const auto page = TRY(page_of(request.pagination()));
    const auto found = TRY(events.list_dead(page));
    integration_wire::ListDeadEventsResponse response;
    for (const auto& event : found.items) fill(event, *response.add_events());
    fill_meta(found.total, page, *response.mutable_meta());
    return response;
}

}  // namespace

void add_event_methods(transport::MethodRegistry& registry, core::EventService& events) {
    registry
        .unary<integration_wire::ListDeadEventsRequest, integration_wire::ListDeadEventsResponse>(
            "/rustbill.integration.EventService/ListDeadEvents",
            [&](CallContext&, const auto& request) { return list_dead(events, request); });
    registry.unary<integration_wire::ReplayEventRequest, integration_wire::ReplayEventResponse>(
        "/rustbill.integration.EventService/ReplayEvent",
        [&](CallContext& call,
            const auto& request) -> Result<integration_wire::ReplayEventResponse> {
            const auto id = TRY(core::EventId::parse(request.id(), "id"));
            integration_wire::ReplayEventResponse response;
            fill(TRY(events.replay(actor_of(call), id)), *response.mutable_event());
            return response;
        });
}

}  // namespace rb::server
