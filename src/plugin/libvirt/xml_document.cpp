#include "plugin/libvirt/xml_document.hpp"

#include "plugin/limits.hpp"

#include <libxml/parser.h>

namespace rb::plugin {

namespace {

using XmlText = std::unique_ptr<xmlChar, decltype(xmlFree)>;
using XmlBuffer = std::unique_ptr<xmlBuffer, decltype(&xmlBufferFree)>;

const xmlChar* in(const char* text) {
    return reinterpret_cast<const xmlChar*>(text);
}

std::string out(XmlText text) {
    return text == nullptr ? std::string() : reinterpret_cast<const char*>(text.get());
}

std::string_view name_of(const xmlNode& node) {
    return reinterpret_cast<const char*>(node.name);
}

}  // namespace

XmlDocument new_xml_document(const char* root) {
    XmlDocument document(xmlNewDoc(in("1.0")));
    ASSERT(document != nullptr);
    xmlDocSetRootElement(document.get(), xmlNewNode(nullptr, in(root)));
    return document;
}

Result<XmlDocument> parse_xml_document(std::string_view text) {
    if (text.size() > xml_bytes_max) return internal_error("libvirt's XML is too large");
    XmlDocument document(xmlReadMemory(
        text.data(), static_cast<int>(text.size()), nullptr, nullptr,
        XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOBLANKS));
    if (document == nullptr || xmlDocGetRootElement(document.get()) == nullptr) {
        return internal_error("libvirt's XML is not well-formed");
    }
    return document;
}

xmlNode& root_of(const XmlDocument& document) {
    return *xmlDocGetRootElement(document.get());
}

xmlNode& add_element(xmlNode& parent, const char* name, const std::string& text) {
    auto* node =
        xmlNewTextChild(&parent, nullptr, in(name), text.empty() ? nullptr : in(text.c_str()));
    ASSERT(node != nullptr);
    return *node;
}

void set_attribute(xmlNode& element, const char* name, const std::string& value) {
    ASSERT(xmlSetProp(&element, in(name), in(value.c_str())) != nullptr);
}

void set_text(xmlNode& element, const std::string& text) {
    xmlNodeSetContent(&element, nullptr);
    xmlNodeAddContent(&element, in(text.c_str()));
}

xmlNode* find_element(xmlNode& from, std::initializer_list<std::string_view> path) {
    auto* node = &from;
    for (const auto name : path) {
        const auto found = elements_of(*node, name);
        if (found.empty()) return nullptr;
        node = found.front();
    }
    return node;
}

std::vector<xmlNode*> elements_of(xmlNode& parent, std::string_view name) {
    std::vector<xmlNode*> found;
    for (auto* child = parent.children; child != nullptr; child = child->next) {
        if (child->type == XML_ELEMENT_NODE && name_of(*child) == name) found.push_back(child);
    }
    return found;
}

std::string attribute_of(xmlNode& element, const char* name) {
    return out(XmlText(xmlGetNoNsProp(&element, in(name)), xmlFree));
}

std::string text_of_element(xmlNode& element) {
    return out(XmlText(xmlNodeGetContent(&element), xmlFree));
}

std::string write_element(const XmlDocument& document, xmlNode& element) {
    const XmlBuffer buffer(xmlBufferCreate(), xmlBufferFree);
    ASSERT(buffer != nullptr);
    ASSERT(xmlNodeDump(buffer.get(), document.get(), &element, 0, 0) >= 0);
    return reinterpret_cast<const char*>(xmlBufferContent(buffer.get()));
}

}  // namespace rb::plugin
