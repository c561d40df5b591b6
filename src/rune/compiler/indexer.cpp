#include "rune/compiler/item_tree.hpp"
#include "rune/limits.hpp"

namespace rb::rune {

ItemTree::ItemTree(Unit& unit, DiagnosticSink& sink, FileLoader load)
    : unit_(unit), sink_(sink), load_(std::move(load)) {
    root_ = &nodes_.emplace_back();
    root_->module = root_;
}

void ItemTree::index(std::span<Item*> items, const std::string& directory) {
    index_items(items, root_, directory);
    attach_impls();
}

ItemNode* ItemTree::index_script(FunctionItem* function) {
    ItemNode* node = index_function(function, root_, root_);
    attach_impls();
    return node;
}

ItemNode* ItemTree::add(ItemNode* parent, NodeSort sort, Name name) {
    ItemNode* node = &nodes_.emplace_back();
    node->sort = sort;
    node->name = name.text;
    node->span = name.span;
    node->parent = parent;
    node->module = parent->module;
    node->path = parent->path.empty() ? std::string(name.text)
                                      : parent->path + "::" + std::string(name.text);
    if (name.text.empty()) return node;
    const auto [it, fresh] = parent->children.emplace(name.text, node);
    if (!fresh) {
        const Span span = located(unit_.sources, it->second->span);
        const Source& source = unit_.sources[span.source];
        const Position first = position_of(source.text, span.start);
        sink_.error(DiagnosticClass::conflict, name.span,
                    "`" + std::string(name.text) + "` is defined twice",
                    "the first one stands at " + source.name + ":" + std::to_string(first.line));
    }
    return node;
}

void ItemTree::set_visibility(ItemNode* node, VisibilityKind visibility) {
    switch (visibility) {
        case VisibilityKind::inherited:
        case VisibilityKind::self:
            node->visible_in = node->parent->module;
            break;
        case VisibilityKind::super: {
            ItemNode* module = node->parent->module;
            node->visible_in = module->parent != nullptr ? module->parent->module : module;
            break;
        }
        case VisibilityKind::pub:
        case VisibilityKind::crate:
            node->visible_in = nullptr;
            break;
    }
}

void ItemTree::index_items(std::span<Item*> items, ItemNode* scope, const std::string& directory) {
    for (Item* item : items) index_item(item, scope, directory);
}

void ItemTree::index_item(Item* item, ItemNode* scope, const std::string& directory) {
    switch (item->kind) {
        case ItemKind::function:
            index_function(static_cast<FunctionItem*>(item), scope, scope);
            break;
        case ItemKind::structure:
            index_struct(static_cast<StructItem*>(item), scope);
            break;
        case ItemKind::enumeration:
            index_enum(static_cast<EnumItem*>(item), scope);
            break;
        case ItemKind::impl:
            impls_.push_back({static_cast<ImplItem*>(item), scope});
            break;
        case ItemKind::constant:
        case ItemKind::static_: {
            auto* value = static_cast<ValueItem*>(item);
            const bool is_static = item->kind == ItemKind::static_;
            ItemNode* node =
                add(scope, is_static ? NodeSort::static_ : NodeSort::constant, item->name);
            set_visibility(node, item->visibility);
            node->value = value;
            if (is_static) {
                node->static_number = static_cast<std::uint32_t>(unit_.statics.size());
                unit_.statics.emplace_back();
                unit_.static_names.push_back(node->path);
            }
            index_blocks(value->item_blocks, scope);
            break;
        }
        case ItemKind::module:
            index_module(static_cast<ModuleItem*>(item), scope, directory);
            break;
        case ItemKind::use:
            index_use(static_cast<UseItem*>(item), scope);
            break;
    }
}

ItemNode* ItemTree::index_function(FunctionItem* function, ItemNode* parent, ItemNode* scope) {
    ItemNode* node = add(parent, NodeSort::function, function->name);
    // Functions of an impl are children of the type but see the scope of the impl.
    node->parent = scope;
    node->module = scope->module;
    set_visibility(node, function->visibility);
    node->function = function;
    // Blocks of the body see the scope the function stands in.
    index_blocks(function->item_blocks, node);
    return node;
}

void ItemTree::index_blocks(std::span<Block*> blocks, ItemNode* parent) {
    // Inner blocks were completed first; scopes are made from the outside in.
    for (std::size_t i = blocks.size(); i-- > 0;) {
        Block* block = blocks[i];
        ItemNode* outer = parent;
        for (const Block* up = block->parent; up != nullptr; up = up->parent) {
            if (up->scope != nullptr) {
                outer = up->scope;
                break;
            }
        }
        ItemNode* scope = &nodes_.emplace_back();
        scope->sort = NodeSort::block;
        scope->parent = outer;
        scope->module = outer->module;
        scope->path = outer->path;
        block->scope = scope;
    }
    for (std::size_t i = blocks.size(); i-- > 0;)
        index_items(blocks[i]->items, blocks[i]->scope, "");
}

TypeInfo* ItemTree::declare_type(ItemNode* node) {
    TypeInfo& type = unit_.types.emplace_back();
    type.path = node->path;
    type.name = node->path;
    // Two functions may each declare a type of one name; their places tell them apart.
    type.hash =
        type_hash(node->path) ^
        (node->parent->sort == NodeSort::block
             ? (node->span.start + 1 + (ItemHash{node->span.source} << 32)) * 0x9E3779B97F4A7C15ULL
             : 0);
    unit_.types_by_hash.emplace(type.hash, &type);
    node->type = &type;
    return &type;
}

Shape* ItemTree::declare_shape(ItemNode* node, const ShapeDeclaration& declaration,
                               const TypeInfo* type) {
    Shape& shape = unit_.own_shapes.emplace_back();
    unit_.shapes.push_back(&shape);
    node->shape = &shape;
    node->shape_number = static_cast<std::uint32_t>(unit_.shapes.size() - 1);
    shape.type = type;
    shape.path = node->path;
    shape.kind = declaration.kind;
    for (const auto& field : declaration.fields) {
        shape.fields.emplace_back(declaration.kind == ShapeKind::named ? field.text : "");
    }
    return &shape;
}

void ItemTree::index_struct(StructItem* item, ItemNode* scope) {
    ItemNode* node = add(scope, NodeSort::structure, item->name);
    set_visibility(node, item->visibility);
    declare_shape(node, item->shape, declare_type(node));
}

void ItemTree::index_enum(EnumItem* item, ItemNode* scope) {
    ItemNode* node = add(scope, NodeSort::enumeration, item->name);
    set_visibility(node, item->visibility);
    TypeInfo* type = declare_type(node);
    std::uint32_t number = 0;
    for (const auto& variant : item->variants) {
        ItemNode* child = add(node, NodeSort::variant, variant.name);
        Shape* shape = declare_shape(child, variant, type);
        shape->variant = number++;
        shape->is_variant = true;
    }
}

void ItemTree::index_use(UseItem* item, ItemNode* scope) {
    for (const UseLeaf& leaf : item->leaves) {
        Name name = leaf.glob ? Name{{}, leaf.alias.span} : leaf.alias;
        ItemNode* node = add(scope, NodeSort::import, name);
        set_visibility(node, item->visibility);
        node->leaf = leaf;
        if (leaf.glob) scope->globs.push_back(node);
    }
}

void ItemTree::index_module(ModuleItem* item, ItemNode* scope, const std::string& directory) {
    ItemNode* node = add(scope, NodeSort::module, item->name);
    set_visibility(node, item->visibility);
    node->module = node;
    // A chain of files that name each other would never end.
    if (module_depth_ >= parse_depth_max) {
        sink_.error(DiagnosticClass::nesting, item->span, "modules are nested too deep");
        return;
    }
    ++module_depth_;
    const std::string below = directory + std::string(item->name.text) + "/";
    if (!item->is_file) {
        index_items(item->items, node, below);
    } else if (auto loaded = load_(*item, directory)) {
        index_items(loaded->first.items, node, loaded->second);
    }
    --module_depth_;
}

void ItemTree::attach_impls() {
    // An impl inside a function of an impl adds to the list while it is walked.
    for (std::size_t i = 0; i < impls_.size(); ++i) {
        const PendingImpl pending = impls_[i];
        const Entity target = resolve(*pending.item->target, pending.scope, nullptr);
        if (!target) continue;
        const bool fits = target.item != nullptr && (target.item->sort == NodeSort::structure ||
                                                     target.item->sort == NodeSort::enumeration);
        if (!fits) {
            sink_.error(DiagnosticClass::not_supported, pending.item->target->span,
                        "`impl` is only supported for structs and enums of this program");
            continue;
        }
        for (FunctionItem* function : pending.item->functions) {
            ItemNode* node = index_function(function, target.item, pending.scope);
            node->self_type = target.item;
        }
    }
    impls_.clear();
}

}  // namespace rb::rune
