#include "rune/compiler/item_tree.hpp"
#include "rune/limits.hpp"
#include "rune/syntax/foreign_words.hpp"

#include <algorithm>
#include <utility>

namespace rb::rune {

namespace {

constexpr std::pair<std::string_view, std::string_view> prelude[] = {
    {"Type", "::std::any::Type"},
    {"bool", "::std::bool"},
    {"char", "::std::char"},
    {"i64", "::std::i64"},
    {"u64", "::std::u64"},
    {"f64", "::std::f64"},
    {"dbg", "::std::io::dbg"},
    {"drop", "::std::mem::drop"},
    {"clone", "::std::clone::clone"},
    {"Some", "::std::option::Option::Some"},
    {"None", "::std::option::Option::None"},
    {"Ok", "::std::result::Result::Ok"},
    {"Err", "::std::result::Result::Err"},
    {"is_readable", "::std::is_readable"},
    {"is_writable", "::std::is_writable"},
    {"Tuple", "::std::tuple::Tuple"},
    {"Object", "::std::object::Object"},
    {"Option", "::std::option::Option"},
    {"Result", "::std::result::Result"},
    {"panic", "::std::panic"},
    {"print", "::std::io::print"},
    {"println", "::std::io::println"},
    {"String", "::std::string::String"},
    {"Vec", "::std::vec::Vec"},
    {"Bytes", "::std::bytes::Bytes"},
};

bool starts_lower(std::string_view name) {
    return !name.empty() && ((name[0] >= 'a' && name[0] <= 'z') || name[0] == '_');
}

// What there is instead, where a line can say it.
std::string few_names(const std::string& owner, std::vector<std::string> names) {
    constexpr std::size_t listed_max = 8;
    std::sort(names.begin(), names.end());
    if (names.empty() || names.size() > listed_max) return {};
    std::string text = owner + " has ";
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i > 0) text += i + 1 == names.size() ? " and " : ", ";
        text += "`" + names[i] + "`";
    }
    return text;
}

}  // namespace

std::string_view prelude_path(std::string_view name) {
    for (const auto& [known, path] : prelude) {
        if (known == name) return path;
    }
    return {};
}

bool ItemTree::is_visible(const ItemNode* node, const ItemNode* from) {
    if (node->visible_in == nullptr) return true;
    for (const ItemNode* module = from->module; module != nullptr;
         module = module->parent == nullptr ? nullptr : module->parent->module) {
        if (module == node->visible_in) return true;
    }
    return false;
}

Entity ItemTree::native(std::string path) const {
    const NativeItem* item = unit_.context->find(path);
    return item == nullptr ? Entity{} : Entity{nullptr, item, std::move(path)};
}

Entity ItemTree::resolve(const Path& path, ItemNode* scope, ItemNode* self_type, bool quiet) {
    use_site_ = path.span;
    return resolve_path(path, scope, self_type, nullptr, quiet);
}

Entity ItemTree::resolve_name(std::string_view name, ItemNode* scope) {
    const bool outer_quiet = std::exchange(quiet_, true);
    Entity found = lookup(name, scope, scope, nullptr, {});
    quiet_ = outer_quiet;
    return found;
}

Entity ItemTree::resolve_path(const Path& path, ItemNode* scope, ItemNode* self_type,
                              const ItemNode* importing, bool quiet) {
    const bool outer_quiet = std::exchange(quiet_, quiet_ || quiet);
    const std::size_t errors = sink_.error_count();
    std::size_t used = 0;
    Entity entity = first_segment(path, scope, self_type, used, importing);
    Entity before;
    while (entity && used < path.segments.size()) {
        before = entity;
        const PathSegment& segment = path.segments[used];
        entity = member(before, segment, scope);
        if (entity) ++used;
    }
    // What was reported on the way (a cycle, an invisible item) says more than "missing".
    if (!entity && !quiet_ && sink_.error_count() == errors) {
        report_missing(path, used, before, scope);
    }
    quiet_ = outer_quiet;
    return entity;
}

Entity ItemTree::first_segment(const Path& path, ItemNode* scope, ItemNode* self_type,
                               std::size_t& used, const ItemNode* importing) {
    const std::string_view first = path.segments[0].text;
    if (path.global) {
        used = 1;
        return unit_.context->has_crate(first) ? native("::" + std::string(first)) : Entity{};
    }
    used = 1;
    if (first == "crate") return {root_, nullptr};
    if (first == "Self") return {self_type, nullptr};
    if (first == "self" || first == "super") {
        ItemNode* module = scope->module;
        ItemNode* around = module;
        used = first == "self" ? 1 : 0;
        while (used < path.segments.size() && path.segments[used].text == "super") {
            if (module->parent == nullptr) return {};
            around = module->parent;
            module = around->module;
            ++used;
        }
        // What a module inside a block calls its parent is the block, for the items declared there.
        const bool names_item = used < path.segments.size();
        return {names_item && around->sort == NodeSort::block ? around : module, nullptr};
    }
    Entity found = lookup(first, scope, scope, importing, path.segments[0].span);
    if (!found) used = 0;
    return found;
}

Entity ItemTree::lookup(std::string_view name, ItemNode* scope, ItemNode* from,
                        const ItemNode* importing, Span where) {
    for (ItemNode* at = scope; at != nullptr; at = at->parent) {
        if (at->sort == NodeSort::module || at->sort == NodeSort::block) {
            if (Entity found = in_scope(name, at, from, importing, where)) return found;
        }
        if (at->sort == NodeSort::module) break;
    }
    if (const auto path = prelude_path(name); !path.empty()) return native(std::string(path));
    if (unit_.context->has_crate(name)) return native("::" + std::string(name));
    return {};
}

Entity ItemTree::in_scope(std::string_view name, ItemNode* scope, ItemNode* from,
                          const ItemNode* importing, Span where) {
    if (const auto it = scope->children.find(name); it != scope->children.end()) {
        ItemNode* node = it->second;
        // `use json::json;` must not find itself.
        const bool itself = node == importing && node->leaf.path->segments.size() > 1;
        if (!itself) {
            if (!is_visible(node, from)) {
                if (!quiet_) {
                    sink_.error(
                        DiagnosticClass::not_visible, where,
                        "`" + std::string(name) + "` is private to `" +
                            (node->visible_in->path.empty() ? "crate" : node->visible_in->path) +
                            "`",
                        "mark it `pub`");
                }
                return {};
            }
            return follow(node, where);
        }
    }
    Entity found;
    for (ItemNode* glob : scope->globs) {
        if (glob == importing || glob->progress == Progress::running) continue;
        if (!is_visible(glob, from)) continue;
        if (!may_visit_glob()) return {};
        glob->progress = Progress::running;
        ++glob_depth_;
        const Entity target = resolve_path(*glob->leaf.path, glob->parent, nullptr, glob, false);
        Entity candidate;
        if (target) {
            const bool outer_quiet = std::exchange(quiet_, true);
            candidate = member(target, {name, where, {}}, glob->parent);
            quiet_ = outer_quiet;
        }
        --glob_depth_;
        glob->progress = Progress::untouched;
        if (!candidate) continue;
        if (found && !(found == candidate)) {
            if (!quiet_) {
                sink_.error(DiagnosticClass::ambiguous, where,
                            "`" + std::string(name) + "` is ambiguous: two globs import it",
                            "import the one you mean by name");
            }
            return {};
        }
        found = candidate;
    }
    return found;
}

// Reported however quietly the name was looked up: after this, a name that is not found may exist.
bool ItemTree::may_visit_glob() {
    constexpr int uses_max = glob_visits_max * glob_uses_per_visit;
    if (glob_uses_ > uses_max) return false;
    glob_uses_ += glob_depth_ > 0 ? glob_uses_per_visit : 1;
    if (glob_uses_ <= uses_max) return true;
    sink_.error(DiagnosticClass::nesting, use_site_,
                "the glob imports of this script lead through each other too often",
                "import what you need by name");
    return false;
}

// The item an import stands for.
Entity ItemTree::follow(ItemNode* node, Span where) {
    if (node->sort != NodeSort::import) return {node, nullptr};
    if (node->progress == Progress::done) return node->target;
    if (node->progress == Progress::running || import_depth_ >= parse_depth_max) {
        if (!quiet_) {
            sink_.error(DiagnosticClass::import_cycle, use_site_,
                        "the import `" + std::string(node->name) + "` leads back to itself");
        }
        return {};
    }
    (void)where;
    node->progress = Progress::running;
    ++import_depth_;
    node->target = resolve_path(*node->leaf.path, node->parent, nullptr, node, false);
    --import_depth_;
    // A failure found quietly is to be reported by the next one who asks.
    const bool failed = !node->target;
    node->progress = failed && quiet_ ? Progress::untouched : Progress::done;
    return node->target;
}

Entity ItemTree::member(const Entity& entity, const PathSegment& segment, ItemNode* from) {
    if (entity.native != nullptr) {
        return native(entity.native_path + "::" + std::string(segment.text));
    }
    ItemNode* node = entity.item;
    switch (node->sort) {
        case NodeSort::module:
            if (segment.text == "super") {
                if (node->parent == nullptr) return {};
                return {node->parent->module, nullptr};
            }
            return in_scope(segment.text, node, from, nullptr, segment.span);
        case NodeSort::block:
            for (ItemNode* at = node; at != nullptr; at = at->parent) {
                if (at->sort != NodeSort::module && at->sort != NodeSort::block) continue;
                if (Entity found = in_scope(segment.text, at, from, nullptr, segment.span)) {
                    return found;
                }
                if (at->sort == NodeSort::module) break;
            }
            return {};
        case NodeSort::structure:
        case NodeSort::enumeration:
            return in_scope(segment.text, node, from, nullptr, segment.span);
        default:
            return {};
    }
}

std::vector<std::string> ItemTree::visible_names(ItemNode* scope) const {
    std::vector<std::string> names;
    for (const ItemNode* at = scope; at != nullptr; at = at->parent) {
        for (const auto& [name, node] : at->children) names.emplace_back(name);
        if (at->sort == NodeSort::module) break;
    }
    for (const auto& [name, path] : prelude) names.emplace_back(name);
    for (std::string& crate : unit_.context->names_in("")) names.push_back(std::move(crate));
    return names;
}

void ItemTree::report_missing(const Path& path, std::size_t segment, const Entity& before,
                              ItemNode* scope) {
    const std::size_t at = std::min(segment, path.segments.size() - 1);
    const PathSegment& missing = path.segments[at];
    if (sink_.is_poisoned(missing.text)) return;
    std::string shown = path.global ? "::" : "";
    for (std::size_t i = 0; i <= at; ++i) {
        if (i > 0) shown += "::";
        shown += path.segments[i].text;
    }
    const bool local = path.is_single() && starts_lower(missing.text);
    std::string what = local ? "no variable or function `" : "no item `";
    what += shown + "`";
    const auto sort = local ? DiagnosticClass::missing_local : DiagnosticClass::missing_item;
    if (sink_.is_full()) return sink_.error(sort, missing.span, std::move(what));
    std::vector<std::string> candidates;
    if (before.item != nullptr) {
        for (const auto& [name, node] : before.item->children) candidates.emplace_back(name);
    } else if (before.native != nullptr) {
        candidates = unit_.context->names_in(before.native_path);
    } else {
        candidates = visible_names(scope);
    }
    const std::string near = nearest_name(missing.text, candidates);
    std::string hint(hint_for_foreign_word(missing.text));
    if (!near.empty()) {
        hint = "did you mean `" + near + "`?";
    } else if (hint.empty() && at > 0) {
        hint = few_names("`" + std::string(path.segments[at - 1].text) + "`", candidates);
    }
    sink_.error(sort, missing.span, std::move(what), std::move(hint));
}

}  // namespace rb::rune
