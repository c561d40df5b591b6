#include "server/handlers/event/event_methods.hpp"

#include "server/handlers/wire_values.hpp"

#include <rustbill/integration.pb.h>

namespace rb::server {

namespace wire = rustbill::integration;
using transport::CallContext;

namespace {

void fill(const core::Event& event, wire::EventInfo& info) {
    info.set_id(event.id.to_string());
    info.set_kind(std::string(core::name_of(event.kind)));
    info.set_subject_id(event.subject.to_string());
    info.set_attempts(static_cast<std::uint32_t>(event.attempts));
    info.set_last_error(event.last_error);
    info.set_created_at(time_text(event.created_at));
}

Result<wire::ListDeadEventsResponse> list_dead(core::EventService& events,
                                               const wire::ListDeadEventsRequest& request) {
    const auto page = TRY(page_of(request.pagination()));
    const auto found = TRY(events.list_dead(page));
    wire::ListDeadEventsResponse response;
    for (const auto& event : found.items) fill(event, *response.add_events());
    fill_meta(found.total, page, *response.mutable_meta());
    return response;
}

}  // namespace

void add_event_methods(transport::MethodRegistry& registry, core::EventService& events) {
    registry.unary<wire::ListDeadEventsRequest, wire::ListDeadEventsResponse>(
        "/rustbill.integration.EventService/ListDeadEvents",
        [&](CallContext&, const auto& request) { return list_dead(events, request); });
    registry.unary<wire::ReplayEventRequest, wire::ReplayEventResponse>(
        "/rustbill.integration.EventService/ReplayEvent",
        [&](CallContext&, const auto& request) -> Result<wire::ReplayEventResponse> {
            const auto id = TRY(core::EventId::parse(request.id(), "id"));
            TRY(events.replay(id));
            wire::ReplayEventResponse response;
            response.mutable_event()->set_id(id.to_string());
            return response;
        });
}

}  // namespace rb::server
