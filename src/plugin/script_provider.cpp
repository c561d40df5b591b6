#include "plugin/script_provider.hpp"

#include "plugin/script_capabilities.hpp"
#include "plugin/time_text.hpp"

#include <array>
#include <utility>

namespace rb::plugin {

namespace {

using namespace core;

Json json_of(const InstanceRef& instance) {
    Json object = Json::object();
    object["instance"] = instance.instance.to_string();
    object["id"] = instance.provider_instance_id;
    object["key"] = instance.opened_with.text;
    return object;
}

Result<ProviderState> state_of(const AnswerReader& reader) {
    constexpr std::array<std::pair<std::string_view, ProviderState>, 6> known{{
        {"opening", ProviderState::opening},
        {"running", ProviderState::running},
        {"stopped", ProviderState::stopped},
        {"suspended", ProviderState::suspended},
        {"failed", ProviderState::failed},
        {"gone", ProviderState::gone},
    }};
    const auto word = TRY(reader.required_text("state"));
    for (const auto& [name, state] : known) {
        if (name == word) return state;
    }
    return reader.wrong("state", "must be opening, running, stopped, suspended, failed or gone");
}

Result<InstanceView> view_of(const AnswerReader& reader) {
    TRY(reader.check_object());
    InstanceView view;
    view.state = TRY(state_of(reader));
    view.provider_instance_id = TRY(reader.text("id"));
    if (view.provider_instance_id.empty() && view.state != ProviderState::gone) {
        return reader.wrong("id", "is missing");
    }
    view.ip_addresses = TRY(reader.texts("ip_addresses"));
    view.details = TRY(reader.text_map("details"));
    view.opened_with_key = TRY(reader.text("opened_with_key"));
    return view;
}

bool is_accepted(const AnswerReader& reader) {
    return reader.has("accepted");
}

Result<Accepted> accepted_of(const AnswerReader& reader) {
    Accepted accepted;
    accepted.operation = TRY(reader.required_text("accepted"));
    const auto seconds = TRY(reader.integer("retry_after"));
    if (seconds) {
        if (*seconds < 0 || *seconds > 3600) {
            return reader.wrong("retry_after", "must be 0 to 3600 seconds");
        }
        accepted.retry_after = std::chrono::seconds(*seconds);
    }
    return accepted;
}

Result<SpecField> spec_field_of(const AnswerReader& reader) {
    constexpr std::array<std::string_view, 6> types{"Integer", "String",    "Select",
                                                    "Region",  "OsOptions", "Boolean"};
    SpecField field;
    field.key = TRY(reader.required_text("key"));
    field.label = TRY(reader.text("label"));
    if (field.label.empty()) field.label = field.key;
    field.field_type = TRY(reader.required_text("field_type"));
    if (std::ranges::find(types, field.field_type) == types.end()) {
        return reader.wrong("field_type",
                            "must be Integer, String, Select, Region, OsOptions or Boolean");
    }
    field.required = TRY(reader.boolean("required", false));
    field.options = TRY(reader.texts("options"));
    field.min = TRY(reader.integer("min"));
    field.max = TRY(reader.integer("max"));
    field.default_value = TRY(reader.text("default_value"));
    return field;
}

Result<DetailSection> section_of(const AnswerReader& reader) {
    DetailSection section;
    section.title = TRY(reader.required_text("title"));
    section.content_html = TRY(reader.text("content_html"));
    const auto fields = TRY(reader.objects("fields"));
    for (const auto& field : fields) {
        auto type = TRY(field.text("value_type"));
        section.fields.push_back({TRY(field.required_text("key")), TRY(field.text("value")),
                                  type.empty() ? "text" : std::move(type)});
    }
    return section;
}

Result<ProviderAction> action_of(const AnswerReader& reader) {
    ProviderAction action;
    action.id = TRY(reader.required_text("id"));
    action.label = TRY(reader.required_text("label"));
    action.style = TRY(reader.text("style"));
    action.confirmation = TRY(reader.text("confirmation"));
    action.enabled = TRY(reader.boolean("enabled", true));
    return action;
}

Result<CatalogueItem> catalogue_item_of(const AnswerReader& reader) {
    CatalogueItem item;
    item.upstream_product_id = TRY(reader.required_text("upstream_product_id"));
    item.name = TRY(reader.required_text("name"));
    item.description = TRY(reader.text("description"));
    item.specs = TRY(reader.text_map("specs"));
    const auto code = TRY(reader.required_text("currency"));
    const auto currency = Currency::parse(code);
    if (currency.has_error()) return reader.wrong("currency", "must be three capital letters");
    const auto costs = TRY(reader.text_map("cost_by_cycle"));
    for (const auto& [cycle, amount] : costs) {
        const auto money = Money::parse(amount, *currency, cycle);
        if (money.has_error()) return reader.wrong("cost_by_cycle", money.error().message);
        item.cost_by_cycle.emplace(cycle, *money);
    }
    return item;
}

}  // namespace

ScriptProvider::ScriptProvider(PortOptions options)
    : port_(std::move(options)), type_(name_of(port_.manifest().type)) {
    for (const auto& word : port_.manifest().capabilities) {
        if (const auto capability = provider_capability(word)) capabilities_.insert(*capability);
    }
}

Result<> ScriptProvider::need(ProviderCapability capability) const {
    if (!capabilities_.contains(capability)) return port_.not_declared(word_of(capability));
    return {};
}

Result<std::vector<SpecField>> ScriptProvider::spec_template() {
    {
        const std::lock_guard lock(mutex_);
        if (spec_template_) return *spec_template_;
    }
    TRY(refresh_spec_template());
    const std::lock_guard lock(mutex_);
    return *spec_template_;
}

Result<> ScriptProvider::refresh_spec_template() {
    auto fields = TRY(ask_spec_template());
    const std::lock_guard lock(mutex_);
    spec_template_ = std::move(fields);
    return {};
}

Result<std::vector<SpecField>> ScriptProvider::ask_spec_template() const {
    const auto answer = TRY(port_.ask("spec_template"));
    const auto entries = TRY(AnswerReader(port_.full_name("spec_template"), answer).as_objects());
    std::vector<SpecField> fields;
    for (const auto& entry : entries) {
        auto field = TRY(spec_field_of(entry));
        field.display_order = static_cast<std::uint32_t>(fields.size());
        fields.push_back(std::move(field));
    }
    return fields;
}

Result<OpenOutcome> ScriptProvider::open(const OpenRequest& request) {
    TRY(need(ProviderCapability::open));
    Json object = Json::object();
    object["key"] = request.key.text;
    object["instance"] = request.instance.to_string();
    object["order"] = request.order.to_string();
    object["name"] = request.name;
    object["spec"] = plugin::json_of(request.spec);
    object["billing_cycle"] = name_of(request.billing_cycle);
    const auto answer = TRY(port_.change("open", {std::move(object)}));
    const AnswerReader reader(port_.full_name("open"), answer);
    if (is_accepted(reader)) {
        auto accepted = accepted_of(reader);
        if (accepted.has_error()) return ScriptPort::after_change(accepted.error());
        return OpenOutcome(std::move(*accepted));
    }
    auto view = view_of(reader);
    if (view.has_error()) return ScriptPort::after_change(view.error());
    return OpenOutcome(std::move(*view));
}

Result<std::optional<InstanceView>> ScriptProvider::probe(const IdempotencyKey& key) {
    TRY(need(ProviderCapability::open));
    const auto answer = TRY(port_.ask("probe", {key.text}));
    if (answer.is_null()) return std::optional<InstanceView>();
    return std::optional(TRY(view_of(AnswerReader(port_.full_name("probe"), answer))));
}

Result<InstanceView> ScriptProvider::inspect(const InstanceRef& instance) {
    TRY(need(ProviderCapability::inspect));
    const auto answer = TRY(port_.ask("inspect", {json_of(instance)}));
    return view_of(AnswerReader(port_.full_name("inspect"), answer));
}

Result<CommandOutcome> ScriptProvider::perform(const CommandRequest& request) {
    TRY(need(capability_of(request.command)));
    Json object = Json::object();
    object["command"] = word_of(request.command);
    object["instance"] = json_of(request.instance);
    object["key"] = request.key.text;
    object["arguments"] = plugin::json_of(request.arguments);
    const auto answer = TRY(port_.change("perform", {std::move(object)}));
    const AnswerReader reader(port_.full_name("perform"), answer);
    if (!is_accepted(reader)) return CommandOutcome(Done());
    auto accepted = accepted_of(reader);
    if (accepted.has_error()) return ScriptPort::after_change(accepted.error());
    return CommandOutcome(std::move(*accepted));
}

Result<std::variant<InstanceView, Done, Accepted>> ScriptProvider::poll(
    const InstanceRef& instance, const std::string& operation) {
    using Outcome = std::variant<InstanceView, Done, Accepted>;
    const auto answer = TRY(port_.ask("poll", {json_of(instance), operation}));
    const AnswerReader reader(port_.full_name("poll"), answer);
    if (is_accepted(reader)) return Outcome(TRY(accepted_of(reader)));
    if (reader.has("state")) return Outcome(TRY(view_of(reader)));
    return Outcome(Done());
}

Result<InstanceDescription> ScriptProvider::describe(const InstanceRef& instance) {
    TRY(need(ProviderCapability::sections));
    const auto answer = TRY(port_.ask("describe", {json_of(instance)}));
    const AnswerReader reader(port_.full_name("describe"), answer);
    TRY(reader.check_object());
    InstanceDescription description;
    const auto sections = TRY(reader.objects("sections"));
    for (const auto& section : sections) {
        description.sections.push_back(TRY(section_of(section)));
    }
    if (!capabilities_.contains(ProviderCapability::actions)) return description;
    const auto actions = TRY(reader.objects("actions"));
    for (const auto& action : actions) description.actions.push_back(TRY(action_of(action)));
    return description;
}

Result<std::string> ScriptProvider::run_action(const InstanceRef& instance,
                                               const std::string& action,
                                               const StringMap& arguments) {
    TRY(need(ProviderCapability::actions));
    const auto answer =
        TRY(port_.change("run_action", {json_of(instance), action, plugin::json_of(arguments)}));
    if (answer.is_null()) return std::string();
    if (!answer.is_string()) {
        return ScriptPort::after_change(
            AnswerReader(port_.full_name("run_action"), answer).wrong("", "must be a text"));
    }
    return answer.get<std::string>();
}

Result<ConsoleAccess> ScriptProvider::console(const InstanceRef& instance) {
    TRY(need(ProviderCapability::console));
    const auto answer = TRY(port_.ask("console", {json_of(instance)}));
    const AnswerReader reader(port_.full_name("console"), answer);
    TRY(reader.check_object());
    ConsoleAccess access;
    access.url = TRY(reader.required_text("url"));
    access.protocol = TRY(reader.required_text("protocol"));
    if (reader.has("expires_at")) {
        const auto text = TRY(reader.required_text("expires_at"));
        const auto seconds = parse_rfc3339(text);
        if (seconds.has_error()) return reader.wrong("expires_at", "must be a time of RFC 3339");
        access.expires_at = Timestamp(std::chrono::seconds(*seconds));
    }
    return access;
}

Result<StringMap> ScriptProvider::metrics(const InstanceRef& instance) {
    TRY(need(ProviderCapability::metrics));
    const auto answer = TRY(port_.ask("metrics", {json_of(instance)}));
    return AnswerReader(port_.full_name("metrics"), answer).as_text_map();
}

Result<InstancePage> ScriptProvider::list(const std::string& cursor) {
    TRY(need(ProviderCapability::list));
    const auto answer = TRY(port_.ask("list", {cursor}));
    const AnswerReader reader(port_.full_name("list"), answer);
    TRY(reader.check_object());
    InstancePage page;
    const auto entries = TRY(reader.objects("instances"));
    for (const auto& entry : entries) page.instances.push_back(TRY(view_of(entry)));
    page.next_cursor = TRY(reader.text("next_cursor"));
    if (!page.next_cursor.empty() && page.next_cursor == cursor) {
        return reader.wrong("next_cursor", "must differ from the cursor asked with");
    }
    return page;
}

Result<std::vector<CatalogueItem>> ScriptProvider::catalogue() {
    TRY(need(ProviderCapability::catalogue));
    const auto answer = TRY(port_.ask("catalogue"));
    const auto entries = TRY(AnswerReader(port_.full_name("catalogue"), answer).as_objects());
    std::vector<CatalogueItem> items;
    for (const auto& entry : entries) items.push_back(TRY(catalogue_item_of(entry)));
    // What may be chosen comes with what is sold.
    TRY(refresh_spec_template());
    return items;
}

}  // namespace rb::plugin
